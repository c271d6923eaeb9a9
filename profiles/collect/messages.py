"""From the bytes of a request to accepted events: the good ones, and what is wrong with the others.

The common case is one pass over the bytes in compiled code. Only a request in which something is wrong is taken
apart message by message, so that a bad one costs none of the good.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from common.problems import Problem
from profiles.events.envelope import Event, GivenId, Kind, Name, occurred_at
from profiles.protocol import CustomerId

LONGEST_EVENT = 32 * 1024
LONGEST_BATCH = 500 * 1024
#: As many as Segment takes.
MOST_MESSAGES = 2500
#: Of what a batch has in common, for it goes into each of its messages.
LONGEST_CONTEXT = 4 * 1024
#: What is nested deeper nobody says of an event, and not everybody who works on it could read it.
DEEPEST = 32


def _shallow(document: dict[str, Any]) -> dict[str, Any]:
    if _is_deeper(document, DEEPEST):
        raise ValueError(f"This is nested too deeply: up to {DEEPEST} levels are taken.")
    return document


def _is_deeper(value: dict[str, Any] | list[Any], levels: int) -> bool:
    return levels == 0 or any(
        _is_deeper(item, levels - 1)
        for item in (value.values() if isinstance(value, dict) else value)
        if isinstance(item, dict | list)
    )


Document = Annotated[dict[str, Any], AfterValidator(_shallow)]


class Message(BaseModel):
    """A message of the Segment specification as it may be posted: null is as good as absent."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore", coerce_numbers_to_str=True)

    message_id: GivenId | None = None
    user_id: CustomerId | None = None
    anonymous_id: GivenId | None = None
    previous_id: GivenId | None = None
    group_id: GivenId | None = None
    event: Name | None = None
    name: Name | None = None
    properties: Document | None = None
    traits: Document | None = None
    context: Document | None = None
    timestamp: datetime | None = None
    sent_at: datetime | None = None


class KnownMessage(Message):
    """A message that says its kind, as each in a batch does."""

    type: Kind


class Batch(BaseModel):
    """Several messages, with what they have in common: a message's own words in `context` win."""

    model_config = ConfigDict(alias_generator=to_camel, extra="ignore")

    batch: list[KnownMessage]
    context: Document | None = None
    sent_at: datetime | None = None


class _Frame(Batch):
    """A batch whose messages are not looked at."""

    batch: list[Any]


_ALONE = Batch(batch=[])


@dataclass(frozen=True)
class BadMessage:
    """A message that was not accepted: its place in the batch, and why."""

    index: int
    detail: str
    too_long: bool = False


@dataclass(frozen=True)
class Arrived:
    """What came with one request."""

    events: list[Event] = field(default_factory=list)
    bad: list[BadMessage] = field(default_factory=list)


def read_message(body: bytes, kind: Kind, source: str, received_at: datetime) -> Arrived:
    """The one event of a body, of the kind that the address says.

    Raises:
        Problem: 400 when the body is no JSON object.
    """
    if b"\\u0000" not in body and len(body) <= LONGEST_EVENT:
        try:
            return Arrived([_event(Message.model_validate_json(body), kind, _ALONE, source, received_at)])
        except ValidationError:
            pass
    message = _forgiving(body)
    if not isinstance(message, dict):
        raise Problem(400, "not-json", "The body must be a JSON object.")
    return _one_by_one([{**message, "type": kind}], _ALONE, source, received_at)


def read_batch(body: bytes, source: str, received_at: datetime) -> Arrived:
    """The events of a body `{"batch": […], "context", "sentAt"}`.

    Raises:
        Problem: 400 when the body is no batch, 413 when it has too many messages or too much in common.
    """
    # A NUL can't be stored, and is taken out where messages are looked at one by one.
    if b"\\u0000" not in body and not _has_long_message(body):
        try:
            batch = Batch.model_validate_json(body)
            _check_size(batch)
            return Arrived([_event(it, it.type, batch, source, received_at) for it in batch.batch])
        except ValidationError:
            pass
    try:
        frame = _Frame.model_validate(_forgiving(body))
    except ValidationError as error:
        detail = f'The body must be {{"batch": […]}}. {_words(error)}'
        raise Problem(400, "not-a-batch", detail) from None
    _check_size(frame)
    return _one_by_one(frame.batch, frame, source, received_at)


def _check_size(batch: Batch) -> None:
    if len(batch.batch) > MOST_MESSAGES:
        raise Problem(413, "too-many", f"A batch may have up to {MOST_MESSAGES:,} messages.")
    if batch.context and len(json.dumps(batch.context)) > LONGEST_CONTEXT:
        detail = f"The context of a batch may have up to {LONGEST_CONTEXT // 1024} KB."
        raise Problem(413, "too-long", detail)


def _has_long_message(body: bytes) -> bool:
    if len(body) <= LONGEST_EVENT:
        return False
    try:
        messages = orjson.loads(body)["batch"]
        return any(len(orjson.dumps(message)) > LONGEST_EVENT for message in messages)
    except (ValueError, TypeError, KeyError):
        return True  # at least not as it should be


def _event(message: Message, kind: Kind, batch: Batch, source: str, received_at: datetime) -> Event:
    """
    Raises:
        ValidationError: the message is not complete.
    """
    sent_at = _aware(message.sent_at or batch.sent_at)
    return Event(
        message_id=message.message_id or str(uuid4()),
        type=kind,
        user_id=message.user_id,
        anonymous_id=message.anonymous_id,
        previous_id=message.previous_id,
        group_id=message.group_id,
        event=message.event,
        name=message.name,
        properties=message.properties or {},
        traits=message.traits or {},
        context={**(batch.context or {}), **(message.context or {})},
        timestamp=occurred_at(_aware(message.timestamp), sent_at, received_at),
        received_at=received_at,
        source=source,
    )


def _aware(moment: datetime | None) -> datetime | None:
    """A time without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _one_by_one(messages: Iterable[Any], batch: Batch, source: str, received_at: datetime) -> Arrived:
    arrived = Arrived()
    for index, message in enumerate(messages):
        try:
            text = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
            if len(text) > LONGEST_EVENT:
                detail = f"An event may have up to {LONGEST_EVENT // 1024} KB."
                arrived.bad.append(BadMessage(index, detail, too_long=True))
                continue
            read = KnownMessage.model_validate_json(text)
            arrived.events.append(_event(read, read.type, batch, source, received_at))
        except ValidationError as error:
            arrived.bad.append(BadMessage(index, _words(error)))
        except RecursionError:
            arrived.bad.append(BadMessage(index, "This is nested too deeply."))
    return arrived


def _forgiving(body: bytes) -> Any:
    """JSON that is read as far as it can be: with broken characters, which libraries do send."""
    try:
        return _storable(json.loads(body.decode(errors="replace")))
    except (ValueError, RecursionError):
        raise Problem(400, "not-json", "The body is not JSON.") from None


def _storable(value: Any) -> Any:
    """The same without what a database can't keep: NUL, and halves of characters."""
    match value:
        case str():
            return value.replace("\0", "\ufffd").encode(errors="replace").decode()
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list():
            return [_storable(item) for item in value]
        case _:
            return value


def _words(error: ValidationError) -> str:
    """What is wrong, field by field, without repeating what was sent."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['msg']}" if item["loc"] else item["msg"]
        for item in found[:5]
    )
