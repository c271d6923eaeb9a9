"""Utterances to learn, one a line, with the words marked that are entities."""

from collections.abc import Sequence

from web.console.kit import Button, Node, Select, TextArea
from web.console.words import humanised
from web.training import markup
from web.training.markup import MarkupFault
from web.training.shapes import Span


class EntityMarks(Node):
    """A field named `utterances`, tools to mark words in it, and how it will be read.

    Args:
        entities: what may be marked.
    """

    def __init__(self, entities: Sequence[str]) -> None:
        super().__init__("div", "", "marking")
        self._known = frozenset(entities)
        with self:
            self.field = TextArea(
                "To be learnt, one a line",
                "utterances",
                rows=3,
                hint="Marked words look like [kettle](product). Personal data is replaced by made-up values.",
            )
            with Node("div", "", "tools", role="group", aria_label="Mark entities"):
                self._entity = Select("Entity", "entity", {name: humanised(name) for name in entities})
                self._entity.control.put(data_key="e")
                Button("Mark the words").put(data_mark="mark")
                Button("Remove the mark").put(data_mark="unmark")
                Node("p", "Select words above, or put the cursor into one, then press Mark.", "hint")
            Node("p", "It will be read as", "label")
            self._read = Node("div", "", "read", aria_live="polite")
        self.field.on_change(self._show, quiet_seconds=0.3)

    def set(self, utterances: Sequence[str]) -> None:
        text = "\n".join(utterances)
        self.field.set(text)
        self._show(text)

    def faults(self, utterances: Sequence[str]) -> list[str]:
        """What is wrong, in words; nothing when all may be learnt."""
        found = []
        for utterance in utterances:
            try:
                markup.parse(utterance, self._known)
            except MarkupFault as fault:
                found.append(f"“{utterance[:60]}”: {fault}")
        return found

    def _show(self, text: str) -> None:
        self._read.clear()
        with self._read:
            for utterance in utterances_of(text):
                try:
                    _as_read(*markup.parse(utterance, self._known))
                except MarkupFault as fault:
                    Node("p", f"“{utterance[:60]}”: {fault}", "error")


def utterances_of(text: str) -> tuple[str, ...]:
    """The lines that are not empty."""
    return tuple(line for line in map(markup.on_one_line, text.splitlines()) if line)


def _as_read(text: str, spans: Sequence[Span]) -> None:
    done = 0
    with Node("p"):
        for span in spans:
            Node("span", text[done : span.start])
            with Node("mark"):
                Node("span", text[span.start : span.end])
                Node("small", f" {span.entity}")
            done = span.end
        Node("span", text[done:])
