"""Keeps running what should run: a process that ends by itself is started again, but not for ever."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Protocol

from ops.errors import OpsError

RESTARTS = 3
_WINDOW_SECONDS = 600.0
_FIRST_PAUSE_SECONDS = 1.0


class Watched(Protocol):
    """What can be watched: a service, or an embedded server."""

    @property
    def running(self) -> bool: ...

    def how_it_ended(self) -> str | None: ...


class Watch:
    """Starts again what ended, after 1, 2 and 4 seconds; the fourth end within ten minutes is one too many.

    Args:
        revive: starts the one of that name, and returns once it is ready.
        say: is told each end and each restart.
        pause: waits for a number of seconds.
    """

    def __init__(
        self,
        revive: Callable[[str], None],
        say: Callable[[str], None],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._revive = revive
        self._say = say
        self._pause = pause
        self._ends: dict[str, deque[float]] = defaultdict(deque)

    def look(self, members: Iterable[tuple[str, Watched]]) -> None:
        """Look at each once, and start again those that ended.

        Raises:
            OpsError: when one has ended too often.
        """
        for name, member in members:
            while not member.running:
                self._restart(name, member)

    def _restart(self, name: str, member: Watched) -> None:
        how = member.how_it_ended() or "it ended"
        ends = self._ends[name]
        now = time.monotonic()
        while ends and now - ends[0] > _WINDOW_SECONDS:
            ends.popleft()
        if len(ends) >= RESTARTS:
            raise OpsError(
                f"{name} ended {len(ends) + 1} times within ten minutes, last: {how}. "
                "Everything is stopped; mend the cause and run `make up` again."
            )
        ends.append(now)
        pause = _FIRST_PAUSE_SECONDS * 2 ** (len(ends) - 1)
        self._say(f"{name} ended: {how}. Starting it again in {pause:.0f} s ({len(ends)} of {RESTARTS}).")
        self._pause(pause)
        try:
            self._revive(name)
        except OpsError as error:
            self._say(str(error))
        else:
            self._say(f"{name} runs again.")
