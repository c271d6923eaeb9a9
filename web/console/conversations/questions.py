"""The dialogs of a conversation: how it is closed, and what was misread."""

from collections.abc import Awaitable, Callable, Mapping
from typing import get_args

from web.agents.schemas import CloseOutcome
from web.console.kit import Button, Dialog, Form, Node, Select, TextArea, Values
from web.console.words import OUTCOMES


class CloseDialog:
    """Asks how the conversation ended before it is closed for good.

    Args:
        close: does it; says whether it is done.
    """

    def __init__(self, close: Callable[[CloseOutcome, str], Awaitable[bool]]) -> None:
        self._close = close
        self._dialog = Dialog("Close the conversation")
        with self._dialog.body:
            Node("p", "The customer is told that it is closed, and can't write in it any more.")
            with Form(self._submit, label="Close"):
                self._outcome = Select(
                    "How did it end?",
                    "outcome",
                    {"": "Choose…"} | {str(name): words for name, words in OUTCOMES.items()},
                )
                TextArea("Note for colleagues (not needed)", "note", rows=2)
                with Node("div", "", "buttons"):
                    Button("Close the conversation", submits=True, kind="danger")
                    Button("Go back", self._dialog.hide)

    def ask(self) -> None:
        self._outcome.error("")
        self._dialog.show()

    async def _submit(self, values: Values) -> None:
        chosen = next((outcome for outcome in get_args(CloseOutcome) if outcome == values["outcome"]), None)
        if chosen is None:
            self._outcome.error("Choose how it ended.")
            return
        if await self._close(chosen, values["note"].strip()):
            self._dialog.hide()


class MarkDialog:
    """Asks what a misread message meant; trainers see it.

    Args:
        intents: names and words.
        mark: does it, with the message's number, the intent and a comment; says whether it is done.
    """

    def __init__(self, intents: Mapping[str, str], mark: Callable[[int, str, str], Awaitable[bool]]) -> None:
        self._mark = mark
        self._seq = 0
        self._dialog = Dialog("Mark as misread")
        with self._dialog.body:
            self._message = Node("blockquote", "", "quote", dir="auto")
            with Form(self._submit, label="Mark as misread"):
                self._intent = Select("What did the customer want?", "intent", {"": "I can't say", **intents})
                self._comment = TextArea("Remark for trainers (not needed)", "comment", rows=2)
                self._comment.control.put(maxlength=1000)
                with Node("div", "", "buttons"):
                    Button("Mark", submits=True, kind="primary")
                    Button("Go back", self._dialog.hide)

    def ask(self, seq: int, text: str) -> None:
        self._seq = seq
        self._message.say(text)
        self._intent.set("")
        self._comment.set("")
        self._dialog.show()

    async def _submit(self, values: Values) -> None:
        if await self._mark(self._seq, values["intent"], values["comment"].strip()):
            self._dialog.hide()
