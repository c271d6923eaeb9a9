"""What changes while a page is open, from `WS /api/agent/live`."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

from nicegui import background_tasks, context
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from common.logs import get_logger

log = get_logger(__name__)

#: The close code for a token that is not valid (any more): there is no use in coming back.
_NOT_ALLOWED = 4401
#: The server sends a ping every 20 s; after twice that the connection is taken for lost.
_SILENCE_SECONDS = 45.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
#: Changes come in flocks: a page is refreshed at most once in so many seconds.
_GATHER_SECONDS = 0.4


class Live:
    """Keeps an open page up to date until it is closed.

    Args:
        web_url: of the conversation server.
        token: of the session.
        about: the conversation that matters; None for all.
        refresh: reads anew what the page shows; called after each change, and after a gap.
        connected: is told when the connection is lost (False) and there again (True).
        ended: is called when the session has ended.
    """

    def __init__(
        self,
        web_url: str,
        token: str,
        about: UUID | None,
        *,
        refresh: Callable[[], Awaitable[None]],
        connected: Callable[[bool], None],
        ended: Callable[[], None],
    ) -> None:
        self._url = web_url.replace("http", "ws", 1) + "/api/agent/live"
        self._token = token
        self._about = str(about) if about else None
        self._refresh = refresh
        self._connected = connected
        self._ended = ended
        self._client = context.client
        self._changed = asyncio.Event()

    def start(self) -> None:
        """Begin once the page is open in the browser; end with the page."""
        tasks = [
            background_tasks.create(work, name=f"live {self._client.id}")
            for work in (self._listen(), self._keep_fresh())
        ]

        def stop() -> None:
            for task in tasks:
                task.cancel()

        self._client.on_delete(stop)

    async def _listen(self) -> None:
        pause = _FIRST_PAUSE
        while not self._client.is_deleted:
            try:
                async for frame in self._frames():
                    pause = _FIRST_PAUSE
                    self._take(frame)
            except ConnectionClosed as closed:
                if closed.rcvd is not None and closed.rcvd.code == _NOT_ALLOWED:
                    self._in_page(self._ended)
                    return
            except (OSError, TimeoutError, WebSocketException, ValueError) as error:
                log.info("live updates interrupted", error=type(error).__name__)
            self._in_page(lambda: self._connected(False))
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _frames(self) -> AsyncIterator[dict[str, object]]:
        async with connect(self._url, open_timeout=5, proxy=None) as socket:
            await socket.send(json.dumps({"type": "hello", "token": self._token}))
            first = True
            while True:
                async with asyncio.timeout(_SILENCE_SECONDS):
                    frame = json.loads(await socket.recv())
                if first:
                    # What changed during the gap was not told.
                    self._changed.set()
                    self._in_page(lambda: self._connected(True))
                    first = False
                yield frame

    def _take(self, frame: dict[str, object]) -> None:
        """A change without a conversation means that any may have changed."""
        if frame.get("type") != "changed":
            return
        changed = frame.get("conversation_id")
        if self._about is None or changed is None or changed == self._about:
            self._changed.set()

    async def _keep_fresh(self) -> None:
        while not self._client.is_deleted:
            await self._changed.wait()
            self._changed.clear()
            # The page may go while it is being refreshed.
            with contextlib.suppress(RuntimeError), self._client.content:
                await self._refresh()
            await asyncio.sleep(_GATHER_SECONDS)

    def _in_page(self, work: Callable[[], None]) -> None:
        if not self._client.is_deleted:
            with self._client.content:
                work()
