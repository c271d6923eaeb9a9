"""Events of a conversation: what is stored, and what a customer may see of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from web.chat.ownership import Ownership

EventType = Literal["message", "owner"]
Role = Literal["customer", "bot", "agent", "system"]

#: The command of the turn with which a conversation comes back from an agent: the bot leaves any form.
RESUME: dict[str, Any] = {"intent": "resume_from_agent", "entities": []}

#: Payload members that the customer's side may see. The rest (variant, reasons) is for agents.
_PUBLIC = ("text", "kind", "quick_replies", "cards", "owner", "agent")


@dataclass(frozen=True)
class NewEvent:
    """An event that has no place yet."""

    type: EventType
    role: Role
    payload: dict[str, Any]


@dataclass(frozen=True)
class Event:
    """An event at its place in a conversation: `seq` counts from 1 without gaps."""

    seq: int
    type: EventType
    role: Role
    payload: dict[str, Any]
    at: datetime
    client_id: str | None = None
    turn_id: UUID | None = None

    def public(self) -> dict[str, Any]:
        """The event as the widget and the API show it."""
        shown = {name: self.payload[name] for name in _PUBLIC if self.payload.get(name)}
        if self.client_id and self.role == "customer":
            shown["client_id"] = self.client_id
        return {"seq": self.seq, "type": self.type, "role": self.role, "at": self.at.isoformat(), **shown}


@dataclass(frozen=True)
class Claim:
    """The right to work on a turn: what the bot is told about the conversation."""

    ownership: Ownership
    customer_id: str | None


@dataclass(frozen=True)
class Turn:
    """One message for the bot. `seq` is the place of the customer's message, 0 for the opening.

    `claim` is there when the turn could be claimed as it was stored, since none came before it.
    """

    turn_id: UUID
    conversation_id: UUID
    seq: int
    text: str
    command: dict[str, Any] | None
    #: By `time.monotonic()`: when the customer began to wait.
    accepted: float = field(compare=False)
    claim: Claim | None = field(default=None, compare=False)
