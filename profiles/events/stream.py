"""The way of accepted events from those who take them to those who work on them: a port, and Redis behind it."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol, cast

from faststream.redis import RedisBroker
from faststream.redis.parser import MessageFormat
from redis import RedisError

from common.logs import get_logger
from profiles.crypto import Vault
from profiles.events.envelope import Event, dump
from profiles.events.sealed_entries import seal_entry

EVENTS = "rapport:events"
#: Redis answers in well under a millisecond; a sender is not kept waiting for one that is away.
TIMEOUT_SECONDS = 2.0
#: How often Redis is asked whether it is still the same, and for how long entries are kept for another one.
WATCH_SECONDS = 0.5
KEPT_SECONDS = 5.0

log = get_logger(__name__)


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
    """Bodies as they are, without FastStream's own envelope."""

    @classmethod
    async def encode(cls, *, message: Any, **_: Any) -> bytes:
        return cast(bytes, message)

    @classmethod
    def parse(cls, data: bytes) -> tuple[bytes, dict[str, Any]]:
        return data, {}


class RedisEventStream:
    """One Redis Stream; one entry holds the events of one request, sealed.

    Redis answers up to two seconds before it writes to its file while the disk is busy; killed in that time, it
    has lost what it had taken. So the newest entries are kept here as well, and handed over again to a Redis that
    has been started anew: an event that comes twice counts once.
    """

    def __init__(self, redis_url: str, vault: Vault) -> None:
        self._vault = vault
        self._broker = RedisBroker(
            redis_url,
            message_format=PlainFormat,
            logger=logging.getLogger(__name__),
            log_level=logging.DEBUG,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        self._recent: deque[tuple[float, bytes]] = deque()
        self._server = ""
        self._closing = False
        self._connecting = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    async def publish(self, events: Sequence[Event]) -> None:
        """See `EventStream`."""
        if not events:
            return
        entry = seal_entry(self._vault, dump(events))
        try:
            if self._watching is None:
                await self._connect()
            await self._broker.publish(entry, stream=EVENTS)
        except (RedisError, OSError) as error:
            raise StreamUnavailable(type(error).__name__) from error
        self._recent.append((time.monotonic(), entry))

    async def close(self) -> None:
        """See `EventStream`."""
        # A call of Redis that times out at this very moment may swallow the cancellation.
        self._closing = True
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        await self._broker.stop()

    async def _connect(self) -> None:
        async with self._connecting:
            if self._watching is None:
                self._server = await self._server_now()
                self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Notice that Redis was started anew; it may not have kept what it took last."""
        while not self._closing:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                server = await self._server_now()
                if server != self._server:
                    for _, entry in list(self._recent):
                        await self._broker.publish(entry, stream=EVENTS)
                    log.warning("redis was started anew; newest entries repeated", entries=len(self._recent))
                    self._server = server
            except (RedisError, OSError):
                continue
            while self._recent and self._recent[0][0] < time.monotonic() - KEPT_SECONDS:
                self._recent.popleft()

    async def _server_now(self) -> str:
        info = await (await self._broker.connect()).info("server")
        return str(info["run_id"])
