"""Fills the lake: gathers what the stream delivers for a while, so that files are few, then writes it at once."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pyarrow as pa
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from common.logs import get_logger
from profiles.crypto import Vault
from profiles.events.envelope import Event, read
from profiles.lake import files
from profiles.lake.lake import Lake
from profiles.rights.tombstones import WRITERS_LOCK, of_the_living
from profiles.worker.refusals import permitted
from profiles.worker.subscribers import Delivery, Entry

log = get_logger(__name__)

GATHERED_SECONDS = 30.0
MOST_EVENTS = 20_000
#: Worked on between two waits. All of them in a row, or in a thread, which has its share of the interpreter, kept the
#: events that are to be applied waiting for half a second.
PART_EVENTS = 250
#: After writing has failed.
AGAIN_SECONDS = 1.0

_ERASURES_WAIT = text("SELECT pg_advisory_xact_lock_shared(:key)")


class Filling:
    """Handler of the group `lake`. Deliveries are done with once their events rest on the disk.

    What somebody has refused is left out, and what is about people who were erased.
    """

    def __init__(self, lake: Lake, engine: AsyncEngine, vault: Vault) -> None:
        self._lake = lake
        self._engine = engine
        self._vault = vault
        self._gathered: list[Delivery] = []
        self._events = 0
        self._much = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    async def handle(self, delivery: Delivery) -> None:
        """Take a delivery; wait while there is more than enough."""
        self._gathered.append(delivery)
        self._count(_size(delivery))
        await self._room.wait()

    async def write_for_ever(self) -> None:
        """Write what was gathered, every half a minute or when it is much."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._much.wait(), GATHERED_SECONDS)
            try:
                await self.write()
            except Exception as error:
                log.warning("events not in the lake yet; will be tried again", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)

    async def write(self) -> None:
        """Write what was gathered so far.

        Raises:
            OSError, SQLAlchemyError: nothing of it is done with; it is tried again with the next.
        """
        gathered = list(self._gathered)
        unique = {entry.id: entry for delivery in gathered for entry in delivery.entries}
        entries = sorted(unique.values(), key=lambda entry: tuple(map(int, entry.id.split("-"))))
        async with self._engine.begin() as connection:
            # Until the files are listed nobody is erased, who would be missed in them.
            await connection.execute(_ERASURES_WAIT, {"key": WRITERS_LOCK})
            rows = await self._rows(connection, entries)
            if rows:
                await self._lake.add_rows(rows, f"{entries[0].id}_{entries[-1].id}")
        for delivery in gathered:
            await delivery.done()
        del self._gathered[: len(gathered)]
        self._count(-sum(map(_size, gathered)))

    async def _rows(self, connection: AsyncConnection, entries: Sequence[Entry]) -> dict[str, pa.Table]:
        """By folder, what is to be kept of the entries."""
        now = datetime.now(UTC)
        parts: dict[str, list[pa.Table]] = defaultdict(list)
        async for events in _parts(entries):
            allowed = await permitted(connection, events, now)
            for folder, table in _kept(await of_the_living(connection, self._vault, allowed)).items():
                parts[folder].append(table)
        return {folder: pa.concat_tables(tables) for folder, tables in parts.items()}

    def _count(self, more: int) -> None:
        self._events += more
        if self._events >= MOST_EVENTS:
            self._much.set()
            self._room.clear()
        else:
            self._much.clear()
            self._room.set()


def _size(delivery: Delivery) -> int:
    return sum(entry.body.count(b'"messageId"') for entry in delivery.entries)


async def _parts(entries: Sequence[Entry]) -> AsyncIterator[list[Event]]:
    """The events of entries, `PART_EVENTS` at once or a few more."""
    events: list[Event] = []
    for entry in entries:
        found = read(entry.body)
        events += found.events
        if found.faulty:
            log.error("what is no event is not in the lake", entry=entry.id, messages=len(found.faulty))
        await asyncio.sleep(0)
        if len(events) >= PART_EVENTS:
            yield events
            events = []
    yield events


def _kept(events: Sequence[Event]) -> dict[str, pa.Table]:
    try:
        return files.by_folder(events)
    except Exception as error:
        # It would be the same the next time, for all that were gathered with it.
        good = list(filter(files.can_hold, events))
        if len(good) == len(events):
            raise
        left_out = len(events) - len(good)
        log.error("events can't be in the lake; left out", events=left_out, error=type(error).__name__)
        return files.by_folder(good)
