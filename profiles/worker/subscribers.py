"""How entries of the Redis Stream reach a handler: all that the worker knows of Redis.

Each group sees every entry. An entry is acknowledged when its handler is done with it; what a handler left behind,
because it failed or its process was killed, is claimed by the group's second subscriber.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from faststream import AckPolicy
from faststream.redis import RedisBroker, RedisStreamMessage, StreamSub
from faststream.redis.message import bDATA_KEY
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from profiles.crypto import Vault
from profiles.events.sealed_entries import open_entry
from profiles.events.stream import EVENTS, PlainFormat

#: How long a read waits for a first entry; when it comes the read returns at once.
WAIT_MILLISECONDS = 1_000
SOCKET_SECONDS = 5.0


@dataclass(frozen=True)
class Entry:
    """One entry of the stream: its id, which grows with time, and its content."""

    id: str
    body: bytes


@dataclass(frozen=True)
class Delivery:
    """Entries that a handler has been given; they come again until it is done with them."""

    entries: Sequence[Entry]
    done: Callable[[], Awaitable[None]]


Handler = Callable[[Delivery], Awaitable[None]]


def connect(redis_url: str) -> RedisBroker:
    """A broker without subscribers; starting it needs the groups (`make_groups`)."""
    return RedisBroker(
        redis_url,
        message_format=PlainFormat,
        apply_types=False,
        logger=logging.getLogger(__name__),
        log_level=logging.DEBUG,  # of each message; faults are errors
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
    )


async def make_groups(redis: Redis, groups: Sequence[str]) -> None:
    """Make the groups that are missing, from the first entry on: FastStream would skip what is there already."""
    for group in groups:
        try:
            await redis.xgroup_create(EVENTS, group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


def subscribe(
    broker: RedisBroker,
    group: str,
    handle: Handler,
    vault: Vault,
    *,
    entries: int,
    abandoned_seconds: float,
) -> None:
    """Give `handle` the group's entries, opened, at most so many at once.

    What has been with another handler of the group for longer than `abandoned_seconds` it is given, too.
    """
    reading = StreamSub(
        EVENTS,
        group=group,
        consumer="reader",
        batch=True,
        max_records=entries,
        polling_interval=WAIT_MILLISECONDS,
    )
    claiming = StreamSub(
        EVENTS,
        group=group,
        consumer="claimer",
        batch=True,
        min_idle_time=int(abandoned_seconds * 1000),
        polling_interval=WAIT_MILLISECONDS,
    )

    async def on_entries(delivery: Delivery) -> None:
        await handle(delivery)

    async def opened(message: RedisStreamMessage) -> Delivery:
        return _delivery(message, vault)

    for subscription in (reading, claiming):
        broker.subscriber(stream=subscription, parser=_parse, decoder=opened, ack_policy=AckPolicy.MANUAL)(
            on_entries
        )


async def _parse(raw: Any, original: Callable[[Any], Awaitable[RedisStreamMessage]]) -> RedisStreamMessage:
    """FastStream's message without its decoding, which would take every body apart and together again."""
    message = await original({**raw, "data": []})
    message.raw_message = raw
    return message


def _delivery(message: RedisStreamMessage, vault: Vault) -> Delivery:
    raw: Any = message.raw_message
    entries = [
        Entry(id_.decode(), open_entry(vault, data[bDATA_KEY]))
        for id_, data in zip(raw["message_ids"], raw["data"], strict=True)
    ]
    return Delivery(entries, message.ack)
