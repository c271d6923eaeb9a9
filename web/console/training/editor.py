"""A field for lines of data: numbered, its faults told at their line."""

from collections.abc import Sequence
from dataclasses import dataclass

from web.console.kit import Button, Node, link
from web.console.kit.fields import Field
from web.console.kit.node import script


@dataclass(frozen=True)
class LineFault:
    """A fault: in a line of the field (from 0), or elsewhere (`line` is null), where `href` may lead to it."""

    line: int | None
    message: str
    href: str | None = None


class LineEditor(Field):
    """Text of which each line counts.

    Args:
        name: of the value in its form.
        first: the number that the first line is given.
    """

    def __init__(
        self, label: str, name: str, text: str, *, first: int = 1, rows: int = 12, hint: str = ""
    ) -> None:
        super().__init__(label, hint)
        self._first = first
        with self:
            with Node("div", "", "lined"):
                Node("div", "", "gutter", aria_hidden="true")
                control = Node(
                    "textarea",
                    text,
                    "control code",
                    name=name,
                    rows=rows,
                    spellcheck="false",
                    autocomplete="off",
                    data_lines="",
                    data_guard="",
                    data_first=first,
                )
            self._finish(control)
            self._faults = Node("ul", "", "lines faults", aria_label="What to correct", hidden=True)

    def show_faults(self, faults: Sequence[LineFault]) -> None:
        """Mark the lines, and list what is wrong; none takes all of that back."""
        numbers = [str(fault.line + self._first) for fault in faults if fault.line is not None]
        self.control.put(data_faulty=" ".join(numbers) or None, aria_invalid="true" if faults else None)
        self._faults.clear()
        self._faults.put(hidden=None if faults else True)
        with self._faults:
            for fault in faults:
                with Node("li"):
                    self._told(fault)
        parts = [self._hint] + ([self._faults] if faults else [])
        described = " ".join(part.html_id for part in parts if part is not None)
        self.control.put(aria_describedby=described or None)

    def saved(self) -> None:
        """What is in the field now is what is saved."""
        self.control.call("node.saved = node.value;")

    def starts_at(self, first: int) -> None:
        """Lines above it came or went."""
        self._first = first
        self.control.put(data_first=first)

    def go_to(self, line: int) -> None:
        """Select a line, counted from 0."""
        self.control.call(f"rapportToLine(node, {script(line)});")

    def begin_at(self, line: int) -> None:
        """Select a line, counted from 0, unless somebody is in the field already."""
        self.control.call(f"rapportBeginAt(node, {script(line)});")

    def _told(self, fault: LineFault) -> None:
        if fault.line is not None:
            line = fault.line
            Button(f"Line {line + self._first}", lambda: self.go_to(line), kind="quiet")
        Node("span", fault.message)
        if fault.href is not None:
            link("Open the file there", fault.href)


def text_of(value: str) -> str:
    """A field's value with the line ends of files."""
    return value.replace("\r\n", "\n")
