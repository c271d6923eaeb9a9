"""Notes what services read: gathered for a moment and written together, for a read must not wait for a commit."""

import asyncio
import time

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from common.logs import get_logger
from common.problems import Problem
from profiles.audit.chain import Entry, note

log = get_logger(__name__)

GATHER_SECONDS = 0.5
RETRY_SECONDS = 1.0
BATCH = 2_000
#: With more waiting than this, nothing more is shown: a read that can't be noted does not happen.
WAITING = 50_000
#: Entries that have waited so long mean that the log is not being written.
OVERDUE_SECONDS = 10.0


class ReadLog:
    """The reads of one process. A crash of the process loses what was read in the last `GATHER_SECONDS`.

    Args:
        engine: the database of the audit log.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[Entry] = []
        self._since: float | None = None
        self._some = asyncio.Event()
        self._ending = False

    def add(self, entry: Entry) -> None:
        """Note a read that is about to be answered.

        Raises:
            Problem: 503, when too many entries wait because the log can't be written.
        """
        if len(self._waiting) >= WAITING:
            raise Problem(
                503,
                "audit-unavailable",
                "Reads can't be noted in the audit log at present; try again in a moment.",
                headers={"Retry-After": "5"},
            )
        if not self._waiting:
            self._since = time.monotonic()
        self._waiting.append(entry)
        self._some.set()

    def problem(self) -> str | None:
        """Why reads are not being noted, in one line; None while they are."""
        if self._since is None or time.monotonic() - self._since < OVERDUE_SECONDS:
            return None
        return f"{len(self._waiting)} reads wait to be written to the audit log"

    async def run(self) -> None:
        """Write what is added, until `end` is called; what was added before that is written too."""
        ending = False
        while not ending:
            await self._some.wait()
            if not self._ending:
                await asyncio.sleep(GATHER_SECONDS)
            ending = self._ending
            if not await self.write() and not ending:
                await asyncio.sleep(RETRY_SECONDS)
        if self._waiting:
            log.error("reads are lost to the audit log", reads=len(self._waiting))

    def end(self) -> None:
        """Make `run` write what waits, once more, and return."""
        self._ending = True
        self._some.set()

    async def write(self) -> bool:
        """Write all that waits. Gives whether that worked; what could not be written stays."""
        while self._waiting:
            batch = self._waiting[:BATCH]
            try:
                async with self._engine.begin() as connection:
                    await note(connection, batch)
            except (SQLAlchemyError, OSError) as error:
                log.error("audit log not written", waiting=len(self._waiting), error=type(error).__name__)
                return False
            del self._waiting[: len(batch)]
            self._since = time.monotonic() if self._waiting else None
        if not self._ending:
            self._some.clear()
        return True
