"""The messages of a conversation, with what the assistant made of each."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from web.agents.schemas import TranscriptEvent, TurnView
from web.console.kit import Bubble, Button, Chip, Disclosure, Node, event_line, facts, lines
from web.console.words import MOOD_TONES, MOODS, humanised

#: What a press on "Mark as misread" or "Remove mark" does with a message.
OnMark = Callable[[TranscriptEvent], Awaitable[None]]


class Transcript:
    """The log. It is added to and changed in place, so that a reader keeps the place.

    Args:
        customer: the customer's name.
        on_mark: asked for when a message is to be marked as misread, or its mark to be removed.
    """

    def __init__(self, customer: str, on_mark: OnMark) -> None:
        self._customer = customer
        self._on_mark = on_mark
        self._shown: dict[int, _Message] = {}
        self._newest = 0
        self.node = Node("div", "", "log", role="log", aria_label="Messages", tabindex="0", data_stick="")
        with self.node:
            self._older = Node("p", "", "hint", hidden=True)

    def show(self, events: Sequence[TranscriptEvent], more_before: int) -> None:
        """Show these events; those that are there already stay."""
        if more_before:
            self._older.say(f"{more_before} older messages are not shown.")
            self._older.put(hidden=None)
        for event in events:
            self.add(event)

    def add(self, event: TranscriptEvent) -> None:
        """Show one event, or what is new about it."""
        if event.seq in self._shown:
            self._shown[event.seq].show(event)
        elif event.seq > self._newest:
            with self.node:
                if event.type == "owner":
                    event_line(event.text, event.at)
                else:
                    self._shown[event.seq] = _Message(event, self._name(event), self._on_mark)
            self._newest = event.seq

    def go_to_end(self) -> None:
        """Bring the newest message into sight, wherever the reader was."""
        self.node.call(
            "node.scrollTop = node.scrollHeight; node.lastElementChild.scrollIntoView({block: 'nearest'});"
        )

    def _name(self, event: TranscriptEvent) -> str:
        names = {"customer": self._customer, "bot": "Assistant", "system": "Notice to the customer"}
        return names.get(event.role) or event.agent_name or "Agent"


class _Message:
    """One message, and below it what was understood and why it was answered so."""

    def __init__(self, event: TranscriptEvent, who: str, on_mark: OnMark) -> None:
        self._event = event
        self._on_mark = on_mark
        with Bubble(who, event.text, event.at, event.role).more:
            _cards(event.cards or [])
            if event.quick_replies:
                Node("p", f"Offered: {' · '.join(event.quick_replies)}", "hint")
            self._about = Node("div", "", "about")
            self._mark_line = Node("div", "", "chips", hidden=True)
        with self._mark_line:
            self._marked = Chip("", "warn")
            self._mark = Button("Mark as misread", lambda: on_mark(self._event), kind="quiet")
        self._turn: TurnView | None = None
        self.show(event)

    def show(self, event: TranscriptEvent) -> None:
        self._event = event
        turn = event.turn.model_copy(update={"marked": None}) if event.turn else None
        if turn is not None and turn != self._turn:
            self._turn = turn
            self._about.clear()
            with self._about:
                _understood(turn) if event.role == "customer" else _why(turn)
        self._show_mark(event)

    def _show_mark(self, event: TranscriptEvent) -> None:
        # A pressed button or a greeting is no message that could be misread.
        can_be_marked = event.role == "customer" and (
            event.turn is None or event.turn.in_scope is not None or event.turn.marked is not None
        )
        self._mark_line.put(hidden=None if can_be_marked else True)
        marked = event.turn.marked if event.turn and can_be_marked else None
        self._marked.put(hidden=None if marked else True)
        if marked is not None:
            meant = f", meant: {humanised(marked.intent).lower()}" if marked.intent else ""
            self._marked.show(f"Marked as misread by {marked.by}{meant}", "warn")
        self._mark.say("Remove mark" if marked else "Mark as misread")
        quoted = event.text if len(event.text) <= 60 else f"{event.text[:60]}…"
        self._mark.put(aria_label=f"{self._mark.text}: “{quoted}”")


def _understood(turn: TurnView) -> None:
    with Node("div", "", "chips"):
        if turn.intent is not None:
            sure = f", {turn.confidence:.0%} sure" if turn.confidence is not None else ""
            Chip(f"{humanised(turn.intent)}{sure}", "accent", prefix="Understood as")
        if turn.in_scope is False:
            Chip("Not something the assistant knows", "warn")
        if turn.mood is not None:
            Chip(MOODS[turn.mood], MOOD_TONES[turn.mood], prefix="Mood")
        if turn.status == "pending":
            Chip("Being answered")
        elif turn.status == "failed":
            Chip("The assistant failed here", "bad")


def _why(turn: TurnView) -> None:
    if not turn.plain:
        return
    with Disclosure("Why this reply?"):
        for sentence in turn.plain:
            Node("p", sentence, "why")
        details = [("Reply", turn.reply or ""), ("Wording", turn.variant or "")]
        details += [("Found", f"{found.get('entity')}: {found.get('value')}") for found in turn.entities]
        facts([(name, value) for name, value in details if value])


def _cards(cards: Sequence[dict[str, Any]]) -> None:
    for card in cards:
        with Node("div", "", "card"):
            with Node("p", "", "chips"):
                Node("strong", str(card.get("title") or card.get("order_id") or "Card"))
                if card.get("order_id"):
                    Chip(str(card["order_id"]))
                if card.get("status"):
                    Chip(humanised(str(card["status"])), "good")
            if card.get("lines"):
                lines([str(line) for line in card["lines"]])
            total = card.get("total") or card.get("price")
            if total:
                Node("p", str(total), "hint")
