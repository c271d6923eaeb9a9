"""`POST /v1/…`: the Segment specification's HTTP API (docs/profiles.md, Collecting events)."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from common.problems import Problem
from profiles.api_access import events_of
from profiles.collect.bodies import read_body, too_long
from profiles.collect.messages import (
    LONGEST_BATCH,
    LONGEST_EVENT,
    Arrived,
    Batch,
    Message,
    read_batch,
    read_message,
)
from profiles.collect.senders import sender_of
from profiles.events.envelope import Kind
from profiles.events.stream import EventStream, StreamUnavailable

#: When a sender should come again while the stream is away. Seconds.
COME_BACK = "2"
#: A body holds more than its event: `sentAt`, `writeKey`, `integrations`, and spaces.
_AROUND_EVENT = 4 * 1024

_EXAMPLE = {
    "userId": "C000001",
    "event": "Product Viewed",
    "properties": {"sku": "HV-HP-01", "price": 149.0, "currency": "GBP"},
    "timestamp": "2026-11-22T10:15:00Z",
}
_STATUSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/json": {"example": {"success": True}}}},
    400: {"description": "No JSON, or a message is bad. In a batch all other messages were accepted."},
    401: {"description": "No key, or one that is not known."},
    403: {"description": "A key that may not post events."},
    413: {"description": "Too long: 32 KB an event, 500 KB a batch."},
    415: {"description": "An encoding other than gzip."},
    429: {"description": "Too many requests; nothing was accepted. Come again after `Retry-After` seconds."},
    503: {"description": "Nothing was accepted; send the same again after `Retry-After` seconds."},
}


def make_router() -> APIRouter:
    """The routes of all kinds of messages, and of batches.

    They declare no dependencies, for to resolve these takes the framework longer than all the rest.
    """
    router = APIRouter(prefix="/v1", tags=["events"])
    for kind in get_args(Kind):
        router.add_api_route(
            f"/{kind}",
            _taking(kind),
            methods=["POST"],
            name=f"post_{kind}",
            responses=_STATUSES,
            openapi_extra=_body(Message, _EXAMPLE),
        )
    batch = {"batch": [{"type": "track", **_EXAMPLE}], "sentAt": "2026-11-22T10:15:01Z"}
    router.add_api_route(
        "/batch", post_batch, methods=["POST"], responses=_STATUSES, openapi_extra=_body(Batch, batch)
    )
    return router


def _taking(kind: Kind) -> Any:
    async def post(request: Request) -> Response:
        """Accept one message; its kind is that of the address."""
        with _in_segments_words():
            sender = await sender_of(request)
            body = await read_body(request, LONGEST_EVENT + _AROUND_EVENT)
            arrived = read_message(body, kind, sender.name, datetime.now(UTC))
            return await _hand_over(arrived, events_of(request))

    return post


async def post_batch(request: Request) -> Response:
    """Accept messages of several kinds, each with its `type`.

    A bad message does not cost the good ones: these are accepted before the 400 that names the bad by their index.
    Segment's libraries give up on a 400, and repeat on 429 and 5xx: so nothing good is lost, and nothing bad is
    sent for ever.
    """
    with _in_segments_words():
        sender = await sender_of(request)
        body = await read_body(request, LONGEST_BATCH)
        arrived = read_batch(body, sender.name, datetime.now(UTC))
        return await _hand_over(arrived, events_of(request))


@contextlib.contextmanager
def _in_segments_words() -> Iterator[None]:
    """Problems have `code` and `message` besides: a library that misses them takes a refusal for a broken answer
    and repeats what it should give up."""
    try:
        yield
    except Problem as problem:
        problem.more = {"code": problem.kind, "message": problem.detail, **problem.more}
        raise


async def _hand_over(arrived: Arrived, events: EventStream) -> Response:
    try:
        await events.publish(arrived.events)
    except StreamUnavailable:
        raise Problem(
            503,
            "stream-unavailable",
            "Events can't be kept just now; nothing of this was accepted. Send the same again.",
            headers={"Retry-After": COME_BACK},
        ) from None
    bad = arrived.bad
    if not bad:
        return Response(b'{"success":true}', media_type="application/json")
    if not arrived.events and all(message.too_long for message in bad):
        raise too_long(LONGEST_EVENT)
    count = len(arrived.events) + len(bad)
    raise Problem(
        400,
        "bad-events",
        f"{len(bad)} of {count} messages can't be accepted; don't send them again. All others were accepted.",
        accepted=len(arrived.events),
        errors=[{"index": message.index, "detail": message.detail} for message in bad],
    )


def _body(model: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})
    if "KnownMessage" in definitions:
        schema["properties"]["batch"]["items"] = definitions["KnownMessage"]
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": example}},
        }
    }
