"""The public contract of the conversation server: what goes in and out over HTTP."""

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from web.chat.ownership import Owner

_CONVERSATION = "7f0c2b52-5a0e-4a51-9a4e-0d6a6f6f9c11"
_MESSAGE: dict[str, Any] = {
    "seq": 3,
    "type": "message",
    "role": "bot",
    "at": "2026-11-22T10:15:02.120000+00:00",
    "text": "Your order RP-100234 is on its way.",
    "quick_replies": [{"id": "hV3k0YtqWm2a1b9c", "title": "Something else"}],
    "cards": [
        {
            "kind": "order",
            "order_id": "RP-100234",
            "status": "shipped",
            "title": "Copperline kettle",
            "lines": ["1 × Copperline kettle"],
            "total": "£49.00",
            "placed": "2026-11-19",
            "eta": "2026-11-24",
        }
    ],
}


def _no_controls(value: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in value):
        raise ValueError("must not contain control characters")
    return value


ClientId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_no_controls)]


def _example(value: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [value]})


class NewConversation(BaseModel):
    """Without `customer_id` the visitor stays anonymous."""

    model_config = _example({"customer_id": "C000001"})
    customer_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class ConversationOpened(BaseModel):
    """The token opens this conversation only; it goes into `Authorization: Bearer` of every call."""

    model_config = _example(
        {
            "conversation_id": _CONVERSATION,
            "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
            "expires_at": "2026-11-23T10:15:00Z",
            "owner": "bot",
        }
    )
    conversation_id: UUID
    token: str
    expires_at: datetime
    owner: Owner


class NewMessage(BaseModel):
    """Either `text` or the id of a quick reply that was offered in this conversation.

    `client_id` is the client's own id of this message: sent again, it is the same message, not a second.
    """

    model_config = _example({"text": "where is my order?", "client_id": "a1b2c3"})
    text: str | None = None
    quick_reply: Annotated[str, Field(max_length=100), AfterValidator(_no_controls)] | None = None
    client_id: ClientId | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.quick_reply is None):
            raise ValueError("send either text or quick_reply")
        return self


class QuickReply(BaseModel):
    id: str
    title: str


class Event(BaseModel):
    """One entry of a conversation: `message` with `text` and `role`, or `owner` with the new `owner`.

    `kind` marks a message of the server itself, such as `bot_late`. `agent` is the name of the person who speaks or
    has joined.
    """

    model_config = _example(_MESSAGE)
    seq: int
    type: Literal["message", "owner"]
    role: Literal["customer", "bot", "agent", "system"]
    at: datetime
    text: str | None = None
    kind: str | None = None
    quick_replies: list[QuickReply] | None = None
    cards: list[dict[str, Any]] | None = None
    owner: Owner | None = None
    agent: str | None = None
    client_id: str | None = None


class Posted(BaseModel):
    """`seq` is the message's place. With `?wait=true`, `replies` holds what that message brought.

    `status` is `answered`, `pending` (the replies come as events) or `with_agent` (a person will answer).
    """

    model_config = _example({"seq": 2, "client_id": "a1b2c3", "status": "answered", "replies": [_MESSAGE]})
    seq: int
    client_id: str
    status: Literal["answered", "pending", "with_agent"]
    replies: list[Event] = []


class ConversationState(BaseModel):
    """`owner` says who answers: `bot`, `queued` (the bot, until an agent comes), `agent` or nobody (`closed`)."""

    model_config = _example(
        {
            "conversation_id": _CONVERSATION,
            "customer_id": "C000001",
            "owner": "bot",
            "state": "open",
            "epoch": 1,
            "last_seq": 3,
            "attention": None,
            "created_at": "2026-11-22T10:15:00Z",
            "updated_at": "2026-11-22T10:15:02Z",
        }
    )
    conversation_id: UUID
    customer_id: str | None
    owner: Owner
    state: Literal["open", "closed"]
    epoch: int
    last_seq: int
    attention: str | None
    created_at: datetime
    updated_at: datetime


class Events(BaseModel):
    """Up to 500 events in order; ask again after the last one's `seq` while `more` is true."""

    model_config = _example({"events": [_MESSAGE], "more": False})
    events: list[Event]
    more: bool


class Persona(BaseModel):
    """A customer of the demo shop that a visitor may chat as."""

    model_config = _example(
        {
            "customer_id": "C000001",
            "name": "Maria Okafor",
            "special": "Loyal for years; her last bill was wrong",
        }
    )
    customer_id: str
    name: str
    special: str


class Personas(BaseModel):
    personas: list[Persona]


class Product(BaseModel):
    """A product of the demo shop, to be looked at."""

    model_config = _example(
        {
            "sku": "HV-KT-01",
            "name": "Kettlewick Clearwater Glass Kettle",
            "category": "kitchen",
            "price": 49.0,
            "currency": "GBP",
            "description": "Boils two cups in under two minutes.",
        }
    )
    sku: str
    name: str
    category: str
    price: float
    currency: str
    description: str


class Products(BaseModel):
    products: list[Product]


class ProblemDocument(BaseModel):
    """RFC 9457: `type` for programs, `detail` for people: what was wrong and what to do."""

    model_config = _example(
        {
            "type": "message-too-long",
            "title": "Content Too Large",
            "status": 413,
            "detail": "This message has 20,000 characters; up to 4,000 can be read at once. Shorten it or send it in parts.",
        }
    )
    type: str
    title: str
    status: int
    detail: str
