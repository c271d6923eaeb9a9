"""The way of accepted events from those who take them to those who work on them: a port, and Redis behind it."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol, cast

from faststream.redis import RedisBroker
from faststream.redis.parser import MessageFormat
from redis import RedisError

from profiles.events.envelope import Event, dump

EVENTS = "rapport:events"
#: Redis answers in well under a millisecond; a sender is not kept waiting for one that is away.
TIMEOUT_SECONDS = 2.0


class StreamUnavailable(Exception):
    """The events could not be handed over; nothing was accepted, or nobody knows: the sender should repeat them."""


class EventStream(Protocol):
    """Where accepted events go. All that senders and handlers know of Redis, or of Kafka in its place."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Hand over the events of one request, all or none.

        Raises:
            StreamUnavailable
        """

    async def close(self) -> None:
        """Give back its connections."""


class PlainFormat(MessageFormat):
    """Bodies as they are, without FastStream's own envelope: the entries stay readable for other programs."""

    @classmethod
    async def encode(cls, *, message: Any, **_: Any) -> bytes:
        return cast(bytes, message)

    @classmethod
    def parse(cls, data: bytes) -> tuple[bytes, dict[str, Any]]:
        return data, {}


class RedisEventStream:
    """One Redis Stream; one entry holds the events of one request."""

    def __init__(self, redis_url: str, stream: str = EVENTS) -> None:
        self._stream = stream
        self._broker = RedisBroker(
            redis_url,
            message_format=PlainFormat,
            logger=logging.getLogger(__name__),
            log_level=logging.DEBUG,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        self._connected = False

    async def publish(self, events: Sequence[Event]) -> None:
        """See `EventStream`."""
        if not events:
            return
        try:
            if not self._connected:
                await self._broker.connect()
                self._connected = True
            await self._broker.publish(dump(events), stream=self._stream)
        except (RedisError, OSError) as error:
            raise StreamUnavailable(type(error).__name__) from error

    async def close(self) -> None:
        """See `EventStream`."""
        await self._broker.stop()
