"""One turn while it runs: what the parts of the bot tell the channel about it.

Rasa calls tracker store, NLG and action endpoint through interfaces that have no room for a report, and
hides their faults. They find the turn that they work for in a context variable instead.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from nlu_models.runtime import Models

#: Seconds that a turn may take; web opens the conversation to agents after five.
TURN_SECONDS = 4.8

#: What the customer reads when an action failed, or the history could not be read.
APOLOGY = {
    "text": "Sorry, something on our side isn't answering right now. "
    "Please try again in a moment, or ask me for a person.",
    "quick_replies": [],
    "cards": [],
    "reply": "utter_trouble",
    "variant": "default",
}

_current: ContextVar["Turn | None"] = ContextVar("turn", default=None)


@dataclass
class Turn:
    """A turn under way.

    Attributes:
        turn_id, conversation_id: from the request.
        models: the identity of the encoder and of the Rasa model.
        parse: what was understood.
        replies: the bot's messages so far, as the contract has them.
        decision: the merged decision records of the messages.
        failures: one line for each action that could not be run.
        milliseconds: time by part.
        understanding: what it began to be understood with, and is to the end.
        history_lost: the tracker could not be read, so nothing may be stored.
        committed: the tracker was stored, or nothing of the turn has to be: an action could not be run.
    """

    turn_id: str
    conversation_id: str
    models: dict[str, str | None] = field(default_factory=dict)
    parse: dict[str, Any] = field(default_factory=dict)
    replies: list[dict[str, Any]] = field(default_factory=list)
    decision: dict[str, Any] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    milliseconds: dict[str, float] = field(default_factory=dict)
    understanding: Models | None = None
    history_lost: bool = False
    committed: bool = False
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds_left(self) -> float:
        """How long the turn may still take; at least a hundredth, so that it can serve as a time limit."""
        return max(TURN_SECONDS - (time.perf_counter() - self.started), 0.01)

    def note(self, part: str) -> None:
        """Set down the time since the turn began as that of `part`."""
        self.milliseconds[part] = (time.perf_counter() - self.started) * 1000

    def add(self, message: dict[str, Any]) -> None:
        """Take one whole bot message: its text, and what its `custom` object says."""
        custom = message.get("custom") or {}
        merge(self.decision, custom.get("decision") or {})
        reply = {
            "text": message.get("text") or "",
            "quick_replies": custom.get("quick_replies") or [],
            "cards": custom.get("cards") or [],
            "reply": custom.get("reply") or message.get("utter_action"),
            "variant": custom.get("variant") or "default",
        }
        if reply["text"] or reply["quick_replies"] or reply["cards"]:
            self.replies.append(reply)

    def answer(self, committed: bool) -> dict[str, Any]:
        """The answer of the contract, with an apology when an action failed."""
        replies, decision = self.replies, self.decision
        if self.failures or self.history_lost:
            replies = [*replies, APOLOGY]
            decision = {**decision, "path": [*decision.get("path", []), *self.failures]}
        return {
            "turn_id": self.turn_id,
            "committed": committed,
            "repeated": False,
            "replies": replies,
            "parse": self.parse,
            "decision": decision,
            "models": self.models,
            "milliseconds": {
                "total": round((time.perf_counter() - self.started) * 1000, 2),
                **{part: round(value, 2) for part, value in self.milliseconds.items()},
            },
        }


def current() -> Turn | None:
    """The turn under way in this context, if any."""
    return _current.get()


@contextmanager
def under_way(turn: Turn) -> Iterator[Turn]:
    """Make `turn` the current one."""
    token = _current.set(turn)
    try:
        yield turn
    finally:
        _current.reset(token)


@contextmanager
def measured(part: str) -> Iterator[None]:
    """Add the time of the block to `part` of the current turn."""
    started = time.perf_counter()
    try:
        yield
    finally:
        turn = current()
        if turn is not None:
            spent = (time.perf_counter() - started) * 1000
            turn.milliseconds[part] = turn.milliseconds.get(part, 0.0) + spent


def note_model(name: str, model_id: str) -> None:
    """Tell the current turn which model of that name it is served by."""
    turn = current()
    if turn is not None:
        turn.models = {**turn.models, name: model_id}


def merge(record: dict[str, Any], more: dict[str, Any]) -> None:
    """Merge one decision record into another: lists appended, maps updated, milliseconds summed."""
    for name, value in more.items():
        known = record.get(name)
        if name == "milliseconds" and isinstance(value, dict):
            sums = record.setdefault(name, {})
            for part, spent in value.items():
                sums[part] = sums.get(part, 0.0) + spent
        elif isinstance(known, list) and isinstance(value, list):
            record[name] = [*known, *value]
        elif isinstance(known, dict) and isinstance(value, dict):
            record[name] = {**known, **value}
        else:
            record[name] = value
