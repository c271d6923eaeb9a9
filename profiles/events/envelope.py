"""One event as it travels in the stream: a message of the Segment specification, checked, dated and accepted."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

from profiles.protocol import CustomerId, ShortText

Kind = Literal["identify", "track", "page", "group", "alias"]
#: Of messages, visitors and groups: no spaces at the ends, no control characters.
GivenId = Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]
#: Of a track event or a page.
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]

#: A clock may be so far ahead of ours; what is dated later happened when we received it.
AHEAD = timedelta(minutes=1)
#: What is dated earlier comes from a clock that was never set; it happened when we received it, too.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class Event(BaseModel):
    """An accepted message. In JSON its fields have the names of the specification (`messageId`, `userId`).

    Attributes:
        message_id: given by the sender; the same id again is the same event, and counts once.
        user_id: the customer's id as the sender knows it.
        anonymous_id: of a browser or device whose person may not be known yet.
        previous_id: of an alias: the id that becomes part of `user_id`.
        event: name of a track event; `name` that of a page.
        timestamp: when it occurred, by our clock.
        received_at: when it was accepted.
        source: who sent it, by the key that it was posted with.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore")

    message_id: GivenId
    type: Kind
    user_id: CustomerId | None = None
    anonymous_id: GivenId | None = None
    previous_id: GivenId | None = None
    group_id: GivenId | None = None
    event: Name | None = None
    name: Name | None = None
    properties: dict[str, Any] = Field(default_factory=dict)
    traits: dict[str, Any] = Field(default_factory=dict)
    context: dict[str, Any] = Field(default_factory=dict)
    timestamp: AwareDatetime
    received_at: AwareDatetime
    source: ShortText

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.user_id is None and self.anonymous_id is None:
            raise ValueError("give a userId or an anonymousId")
        if self.type == "track" and self.event is None:
            raise ValueError("a track event needs the name `event`")
        if self.type == "group" and self.group_id is None:
            raise ValueError("a group event needs a groupId")
        if self.type == "alias" and (self.previous_id is None or self.user_id is None):
            raise ValueError("an alias needs a previousId and a userId")
        return self

    @property
    def consented(self) -> dict[str, bool]:
        """What the person's consent was where the event was made (`context.consent.categoryPreferences`)."""
        consent = self.context.get("consent")
        preferences = consent.get("categoryPreferences") if isinstance(consent, dict) else None
        if not isinstance(preferences, dict):
            return {}
        return {purpose: allowed for purpose, allowed in preferences.items() if isinstance(allowed, bool)}

    def document(self) -> str:
        """What has no column of its own in the table of events, as JSON."""
        return self.model_dump_json(include=_DOCUMENT, by_alias=True, exclude_none=True)


_DOCUMENT = {"previous_id", "group_id", "properties", "traits", "context"}


def occurred_at(timestamp: datetime | None, sent_at: datetime | None, received_at: datetime) -> datetime:
    """When an event occurred by our clock, whatever the sender's clock says.

    The sender's clock was off by `received_at - sent_at` (the time on the way is neglected, as in Segment's
    specification). Without `sent_at` the timestamp is taken as it is; without both it is `received_at`, as it is
    for what can't be: later than `AHEAD`, or before `EARLIEST`.
    """
    if timestamp is None:
        return received_at
    try:
        occurred = timestamp if sent_at is None else received_at - (sent_at - timestamp)
        occurred.astimezone(UTC)
    except OverflowError:
        return received_at
    return occurred if EARLIEST <= occurred <= received_at + AHEAD else received_at


_EVENTS: TypeAdapter[list[Event]] = TypeAdapter(list[Event])


def dump(events: Sequence[Event]) -> bytes:
    """Events as the JSON of one stream entry."""
    return b'{"events":' + _EVENTS.dump_json(list(events), by_alias=True, exclude_none=True) + b"}"


@dataclass(frozen=True)
class Read:
    """What an entry holds.

    Attributes:
        faulty: entries (JSON) of what can't be read, of one message each as far as they can be told apart.
    """

    events: list[Event] = field(default_factory=list)
    faulty: list[bytes] = field(default_factory=list)


def read(entry: bytes) -> Read:
    """All that can be read of a stream entry: a message that can't be costs none beside it."""
    try:
        return Read(parse(entry))
    except ValidationError:
        pass
    try:
        messages = _Frame.model_validate(json.loads(entry)).events
        parts = [json.dumps(message).encode() for message in messages]
    except (ValueError, RecursionError):
        return Read(faulty=[entry])
    found = Read()
    for part in parts:
        try:
            found.events.append(Event.model_validate_json(part))
        except ValidationError:
            found.faulty.append(b'{"events":[' + part + b"]}")
    return found


class _Frame(BaseModel):
    events: list[Any]


class _Entry(BaseModel):
    events: list[Event]


def parse(entry: bytes) -> list[Event]:
    """The events of one stream entry.

    Raises:
        pydantic.ValidationError: the entry was not written by `dump`.
    """
    return _Entry.model_validate_json(entry).events
