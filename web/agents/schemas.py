"""The public contract of the agents' API: what goes in and out over HTTP (docs/contracts.md, Agents)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from web.chat.ownership import Owner

#: `agent`: conversations; `trainer`: the training pages, no customers; `admin`: both, and the staff.
StaffRole = Literal["agent", "trainer", "admin"]
#: How an agent ends a conversation.
CloseOutcome = Literal["resolved", "answered", "open", "no_reply", "abuse"]
Mood = Literal["angry", "negative", "neutral", "positive"]
#: A part of the customer panel that can be missing because its service is away.
Part = Literal["details", "profile", "orders"]

Name = Annotated[str, Field(min_length=1, max_length=100)]
Reason = Annotated[str, Field(min_length=1, max_length=80)]
Seq = Annotated[int, Field(ge=1, le=2**31 - 1)]


class SignIn(BaseModel):
    name: Name
    password: Annotated[str, Field(min_length=1, max_length=1000)]


class StaffMember(BaseModel):
    staff_id: UUID
    name: str
    display_name: str
    role: StaffRole


class Session(BaseModel):
    """The token goes into `Authorization: Bearer` of every other call."""

    token: str
    expires_at: datetime
    staff: StaffMember


class Me(BaseModel):
    staff: StaffMember
    expires_at: datetime


class AgentName(BaseModel):
    staff_id: UUID
    display_name: str


class LastMessage(BaseModel):
    """The newest message of whoever, its text cut to 200 characters."""

    role: Literal["customer", "bot", "agent", "system"]
    text: str
    at: datetime


class ConversationItem(BaseModel):
    """One line of the list.

    `mood`, `angry` and `intent` are those of the customer's last understood message; `angry` stays true until
    the customer has calmed down. `segment` is known only with the customer's consent to personalisation.
    `waiting_since` is when the customer began to wait for a person.
    """

    conversation_id: UUID
    owner: Owner
    epoch: int
    agent: AgentName | None
    customer_id: str | None
    customer_name: str | None
    segment: str | None
    mood: Mood | None
    angry: bool
    intent: str | None
    last_message: LastMessage | None
    waiting_since: datetime | None
    attention: str | None
    updated_at: datetime
    last_seq: int


class ListQuery(BaseModel):
    """Which conversations; what is not named may be anything. `mine`: only those that the asking agent has now."""

    owner: Owner | None = None
    mood: Mood | None = None
    segment: Annotated[str | None, Field(max_length=100)] = None
    intent: Annotated[str | None, Field(max_length=100)] = None
    text: Annotated[str | None, Field(max_length=200)] = None
    mine: bool = False
    cursor: Annotated[str | None, Field(max_length=500)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50


class Counts(BaseModel):
    """Of all conversations, whatever the filters are."""

    queued: int
    agent: int
    bot: int
    closed: int


class ConversationList(BaseModel):
    """`next_cursor` asks for the next page; null on the last one."""

    conversations: list[ConversationItem]
    counts: Counts
    next_cursor: str | None


class Mark(BaseModel):
    """An agent's remark that a message was misread; `intent` is what it meant."""

    intent: str | None
    comment: str | None
    by: str
    at: datetime


class TurnView(BaseModel):
    """What the assistant made of a message. It stands at the customer's message and at each of its replies.

    `seq` is the customer's message (0: the greeting). `plain` says in sentences why the reply was given.
    """

    seq: int
    status: Literal["pending", "answered", "failed", "dropped", "skipped"]
    intent: str | None
    confidence: float | None
    in_scope: bool | None
    mood: Mood | None
    alternatives: list[dict[str, Any]]
    entities: list[dict[str, Any]]
    plain: list[str]
    reply: str | None
    variant: str | None
    marked: Mark | None


class TranscriptEvent(BaseModel):
    """A message, or a change of `owner`, whose `text` says what happened. `kind` as in the customers' API."""

    seq: int
    type: Literal["message", "owner"]
    role: Literal["customer", "bot", "agent", "system"]
    text: str
    at: datetime
    agent_name: str | None = None
    owner: Owner | None = None
    kind: str | None = None
    cards: list[dict[str, Any]] | None = None
    quick_replies: list[str] | None = None
    turn: TurnView | None = None


class Note(BaseModel):
    """For colleagues; the customer never sees it."""

    note_id: UUID
    author: str
    text: str
    at: datetime


class FilledField(BaseModel):
    name: str
    label: str
    value: str


class MissingField(BaseModel):
    name: str
    label: str


class OpenForm(BaseModel):
    """What the assistant was doing with the customer, as far as it had come."""

    intent: str
    title: str
    filled: list[FilledField]
    missing: list[MissingField]


class ConversationDetail(ConversationItem):
    """A whole conversation. `summary`: who and what they want; what was done; mood and what is open.

    `more_before` is the number of events that are older than those in `events` (up to 500 are given).
    """

    created_at: datetime
    outcome: CloseOutcome | None
    events: list[TranscriptEvent]
    more_before: int
    notes: list[Note]
    summary: list[str]
    form: OpenForm | None


class PastIssue(BaseModel):
    """An earlier contact of the customer, whatever the channel."""

    at: datetime
    channel: str
    issue: str | None
    outcome: str | None
    subject: str | None
    conversation_id: str | None


class Attribute(BaseModel):
    """Something that is known of a customer, with a label for people."""

    name: str
    label: str
    value: str


class CustomerPanel(BaseModel):
    """The customer beside the conversation. A part that could not be read is null and named in `unavailable`.

    `segment`, `segment_why`, `tier` and most `attributes` are there with consent to personalisation only.
    """

    customer_id: str
    name: str | None
    email: str | None
    phone: str | None
    segment: str | None
    segment_why: list[str]
    tier: str | None
    attributes: list[Attribute] | None
    orders: list[dict[str, Any]] | None
    past_issues: list[PastIssue] | None
    consent: dict[str, bool] | None
    unavailable: list[Part]


class Take(BaseModel):
    """`epoch` as the agent last saw it: what has changed since is not taken blindly."""

    epoch: Annotated[int, Field(ge=1, le=2**31 - 1)]


class AgentMessage(BaseModel):
    """`client_id` is the console's own id of this message: sent again, it is the same message."""

    text: str
    client_id: Annotated[str, Field(min_length=1, max_length=200)]


class NewNote(BaseModel):
    text: str


class Close(BaseModel):
    outcome: CloseOutcome
    note: str | None = None


class NewMark(BaseModel):
    """`seq` of the customer's message, or of a reply to it."""

    seq: Seq
    comment: Annotated[str, Field(max_length=1000)] | None = None
    intent: Annotated[str, Field(max_length=100)] | None = None
