"""What the worker does with some events: one transaction for all, then the cache is told.

A database that is away is waited for. Events that can't be applied are found by halving, tried again, and laid
aside with the reason, so that they hold up nobody.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg.errors import QueryCanceled
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common.logs import get_logger
from profiles.audit.chain import Entry, note
from profiles.crypto import Vault
from profiles.events.dead import DeadLetter, DeadLetters, dead_event
from profiles.events.envelope import Event, read
from profiles.store import Store
from profiles.worker.apply import Applied, DeadEvent, apply_events
from profiles.worker.subscribers import Delivery

log = get_logger(__name__)

#: In one transaction: more would make others wait for longer, and cost as much for each.
MOST_EVENTS = 1_000
#: After fewer than so many there is a short rest, in which more come together: what a transaction costs, it costs
#: for one event nearly as for fifty.
FEW_EVENTS = 200
REST_SECONDS = 0.015
#: Waits between tries of an event that fails for itself, and between tries of a database that is away.
RETRY_SECONDS = (0.05, 0.2, 0.8)
AWAY_SECONDS = 0.5


@dataclass
class Counts:
    """What was done since the worker's start."""

    applied: int = 0
    dropped: int = 0
    dead: int = 0


class Chunks:
    """Applies events to the customers of `store`; what can't be applied goes to `letters`."""

    def __init__(self, store: Store, vault: Vault, letters: DeadLetters) -> None:
        self._store = store
        self._vault = vault
        self._letters = letters
        self.counts = Counts()

    async def handle(self, delivery: Delivery) -> None:
        """Handler of the group `profiles`: every event is applied or laid aside.

        Raises:
            redis.RedisError: something could not be laid aside; the entries have to come again.
        """
        events: list[Event] = []
        for entry in delivery.entries:
            found = read(entry.body)
            events += found.events
            now = datetime.now(UTC)
            await self._lay_aside(
                [DeadLetter(body, "can't be read as an event", now) for body in found.faulty]
            )
        for start in range(0, len(events), MOST_EVENTS):
            await self.apply(events[start : start + MOST_EVENTS])
        await delivery.done()
        if len(events) < FEW_EVENTS:
            await asyncio.sleep(REST_SECONDS)

    async def apply(self, events: Sequence[Event]) -> None:
        """Apply events together, or in ever smaller parts when some of them can't be applied."""
        if not events:
            return
        try:
            applied = await self._apply_once_reachable(events)
        except Exception as error:
            if len(events) > 1:
                middle = len(events) // 2
                await self.apply(events[:middle])
                await self.apply(events[middle:])
                return
            applied = await self._try_again(events[0], error)
        self.counts.applied += applied.added
        self.counts.dropped += applied.dropped
        await self._lay_aside([dead_event(dead.event, dead.reason) for dead in applied.dead])

    async def _apply_once_reachable(self, events: Sequence[Event]) -> Applied:
        while True:
            try:
                return await self._transaction(events)
            except (OperationalError, InterfaceError, PoolTimeout) as error:
                if isinstance(error, DBAPIError) and isinstance(error.orig, QueryCanceled):
                    raise
                log.warning("events wait for the database", events=len(events), error=type(error).__name__)
                await asyncio.sleep(AWAY_SECONDS)

    async def _transaction(self, events: Sequence[Event]) -> Applied:
        async with self._store.engine.begin() as connection:
            applied = await apply_events(connection, self._vault, events)
            changes = await self._store.follow_up(
                connection,
                sorted(applied.customers),
                datetime.now(UTC),
                forget_stale=False,
                if_changed=applied.customers - applied.told,
            )
            # Last, for other writers of the log wait from here to the commit.
            await note(connection, [self._entry(change.customer_id) for change in changes])
        if changes:
            await self._store.tell_cache(changes)
        return applied

    def _entry(self, customer_id: str) -> Entry:
        return Entry("worker", "changed: events", self._vault.pseudonym(customer_id), "events arrived")

    async def _try_again(self, event: Event, error: Exception) -> Applied:
        for pause in RETRY_SECONDS:
            await asyncio.sleep(pause)
            try:
                return await self._apply_once_reachable([event])
            except Exception as again:
                error = again
        return Applied(0, 0, frozenset(), dead=(DeadEvent(event, _reason(error)),))

    async def _lay_aside(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            log.error("events laid aside", events=len(letters), reason=letters[0].reason)
            await self._letters.put(letters)
            self.counts.dead += len(letters)


def _reason(error: Exception) -> str:
    """What went wrong in one line, without a value of the event."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        diagnosis = getattr(error.orig, "diag", None)
        return f"{type(error.orig).__name__}: {getattr(diagnosis, 'message_primary', None) or 'refused'}"
    return type(error).__name__
