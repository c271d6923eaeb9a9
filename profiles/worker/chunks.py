"""What the worker does with a handful of stream entries: one transaction, then the cache is told."""

from collections.abc import Sequence
from datetime import UTC, datetime

from profiles.events.envelope import Event, parse
from profiles.store import Store
from profiles.worker.apply import Applied, apply_events
from profiles.worker.subscribers import Entry


class Chunks:
    """Applies entries to the customers of `store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def apply_entries(self, entries: Sequence[Entry]) -> None:
        """Handler of the group `profiles`."""
        await self.apply([event for entry in entries for event in parse(entry.body)])

    async def apply(self, events: Sequence[Event]) -> Applied:
        """Apply events in one transaction; segments, versions and cached views follow."""
        async with self._store.engine.begin() as connection:
            applied = await apply_events(connection, events)
            changes = await self._store.follow_up(
                connection, sorted(applied.customers), datetime.now(UTC), forget_stale=False
            )
        await self._store.tell_cache(changes)
        return applied
