"""Live fan-out of events to open sockets: directly within this process, by Redis to the others.

Redis carries only "this conversation has something new"; the text itself is read from the record, so that
nothing depends on a message in flight, and no personal text passes through the channel.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from common.logs import get_logger
from web.chat.events import Event

log = get_logger(__name__)

_CHANNEL = "web:conversations"
_QUEUE_LENGTH = 500
#: Seconds: a message and its answer mostly go as one notice.
_NOTICE_PAUSE = 0.05

#: A stored event, a passing frame (typing), or null: read the record again.
Item = Event | dict[str, Any] | None


class Watch:
    """Which conversations have changed since one last asked. However many changes, it holds each once."""

    def __init__(self) -> None:
        self._changed: set[UUID | None] = set()
        self._something = asyncio.Event()

    def note(self, conversation_id: UUID | None) -> None:
        self._changed.add(conversation_id)
        self._something.set()

    async def changes(self) -> set[UUID | None]:
        """Waits for at least one. Null among them: anything may have changed, unnoticed here."""
        await self._something.wait()
        self._something.clear()
        changed, self._changed = self._changed, set()
        return changed


class Hub:
    """Who listens to which conversation in this process, and who watches all of them."""

    def __init__(self, redis: Redis, process: str) -> None:
        self._redis = redis
        self._process = process
        self._listeners: defaultdict[UUID, set[asyncio.Queue[Item]]] = defaultdict(set)
        self._watches: set[Watch] = set()
        self._changed: set[UUID] = set()
        self._something_changed = asyncio.Event()

    @contextlib.contextmanager
    def listen(self, conversation_id: UUID) -> Iterator[asyncio.Queue[Item]]:
        """A queue of all that happens in a conversation from now on."""
        queue: asyncio.Queue[Item] = asyncio.Queue(maxsize=_QUEUE_LENGTH)
        self._listeners[conversation_id].add(queue)
        try:
            yield queue
        finally:
            self._listeners[conversation_id].discard(queue)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    @contextlib.contextmanager
    def watch(self) -> Iterator[Watch]:
        """Changes of any conversation from now on, for the agents' list."""
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def publish(self, conversation_id: UUID, events: list[Event]) -> None:
        """Give stored events to those who listen."""
        if events:
            self._deliver(conversation_id, events)
            self.touch(conversation_id)

    def touch(self, conversation_id: UUID) -> None:
        """Tell those who watch all conversations that something about this one has changed, without an event."""
        self._note(conversation_id)
        self._changed.add(conversation_id)
        self._something_changed.set()

    def show(self, conversation_id: UUID, frame: dict[str, Any]) -> None:
        """Give a passing frame, such as "typing", to those who listen in this process."""
        self._deliver(conversation_id, [frame])

    def _note(self, conversation_id: UUID | None) -> None:
        for watch in self._watches:
            watch.note(conversation_id)

    def _deliver(self, conversation_id: UUID, items: Sequence[Item]) -> None:
        for queue in self._listeners.get(conversation_id, ()):
            for item in items:
                if queue.full():
                    # A listener that is far behind reads the record instead.
                    while not queue.empty():
                        queue.get_nowait()
                    item = None  # noqa: PLW2901
                queue.put_nowait(item)

    async def send_notices(self) -> None:
        """Background task: tell the other processes, what comes close together at once."""
        while True:
            await self._something_changed.wait()
            await asyncio.sleep(_NOTICE_PAUSE)
            self._something_changed.clear()
            changed, self._changed = self._changed, set()
            try:
                notice = {"from": self._process, "conversations": [str(name) for name in changed]}
                await self._redis.publish(_CHANNEL, json.dumps(notice))
            except (RedisError, OSError) as error:
                log.warning("other web processes not told", count=len(changed), error=error)

    async def receive_notices(self) -> None:
        """Background task: hear from the other processes."""
        while True:
            try:
                async for notice in self._incoming():
                    if notice["from"] != self._process:
                        for conversation_id in notice["conversations"]:
                            self._deliver(UUID(conversation_id), [None])
                            self._note(UUID(conversation_id))
            except (RedisError, OSError) as error:
                log.warning("not hearing other web processes", error=error)
                await asyncio.sleep(1)

    async def _incoming(self) -> AsyncIterator[dict[str, Any]]:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(_CHANNEL)
            # What was said while nobody heard it is in the record.
            for conversation_id in list(self._listeners):
                self._deliver(conversation_id, [None])
            self._note(None)
            while True:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=None)
                if message is not None:
                    yield json.loads(message["data"])
