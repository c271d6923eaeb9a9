"""Brings a file in: in batches, each in one transaction with the note of how far the file is."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.events.envelope import Event
from profiles.imports.building import Builder, Problem
from profiles.imports.mapping import BadMapping, Mapping, faults
from profiles.imports.reading import Row, digest, rows
from profiles.imports.tables import Import
from profiles.lake.lake import Lake
from profiles.rights.tombstones import erased, lift
from profiles.store import Store
from profiles.tables import Customer
from profiles.traits.versions import schema_in_force
from profiles.worker.apply import Applied, apply_events

#: In one transaction: the worker waits for no longer than this many take.
BATCH = 1_000
#: So many problems are kept to be said; all are counted.
MOST_PROBLEMS = 100


@dataclass
class Outcome:
    """What became of the rows of a file.

    Attributes:
        rows: that were read now.
        skipped: that an earlier run had dealt with.
        added: events that were new, or would be.
        known: that had been brought in before.
        dropped: that the customer's consent refuses.
        new_customers, changed_customers: whom it makes known, or of whom an attribute is another one.
        left_out: rows that the mapping wants no event of.
        erased: whom the file names although they were erased at their wish; their rows are not brought in.
        refused: rows that can't be used.
        problems: the first of what is wrong, by line.
        fields: how many rows say something about each attribute or property.
    """

    rows: int = 0
    skipped: int = 0
    added: int = 0
    known: int = 0
    dropped: int = 0
    new_customers: set[str] = field(default_factory=set)
    changed_customers: set[str] = field(default_factory=set)
    left_out: int = 0
    erased: set[str] = field(default_factory=set)
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)
    fields: Counter[str] = field(default_factory=Counter)


class _NotForGood(Exception):
    """Ends the transaction of a dry run."""


@dataclass
class Importer:
    """One file with its mapping.

    Attributes:
        lake: where the events of the rows rest as they are made.
        as_of: when everything was so, if the rows don't tell.
        progress: is told the share of the file that has been dealt with, 0 to 1, and the rows so far.
        bring_back: people who were erased at their wish want to come back.
    """

    store: Store
    lake: Lake
    path: Path
    mapping: Mapping
    as_of: datetime | None = None
    progress: Callable[[float, int], None] = lambda _share, _rows: None
    bring_back: bool = False

    async def run(self, *, dry_run: bool, resume: bool) -> Outcome:
        """Bring the file in; rows that can't be used are left out and said.

        The same file again changes nothing: a row's event has the same id. With `resume` the rows that an
        earlier run has dealt with are not even read again.

        Raises:
            BadMapping, reading.BadFile
        """
        async with self.store.engine.connect() as connection:
            schema = await schema_in_force(connection)
        mistakes = list(faults(self.mapping, schema))
        if self.mapping.at is None and self.as_of is None:
            mistakes.append("at: the mapping names no column for when a row was so; say it with --as-of")
        if mistakes:
            raise BadMapping("\n".join(mistakes))
        builder = Builder(self.mapping, schema, self.as_of, datetime.now(UTC))
        key = {"file_hash": digest(self.path), "mapping_hash": self._mapping_hash()}
        outcome = Outcome(skipped=await self._done(key) if resume else 0)
        source = islice(rows(self.path, self.mapping), outcome.skipped, None)
        while batch := list(islice(source, BATCH)):
            events = list(self._events(builder, batch, outcome))
            outcome.rows += len(batch)
            await self._apply(events, outcome, key, dry_run=dry_run)
            self.progress(batch[-1].share, outcome.rows)
        if not dry_run:
            await self._finish(key, outcome)
        return outcome

    def _events(self, builder: Builder, batch: Iterable[Row], outcome: Outcome) -> Iterator[Event]:
        for row in batch:
            made = builder.build(row)
            if made is None:
                outcome.left_out += 1
            elif isinstance(made, Event):
                outcome.fields.update([*made.traits, *made.properties])
                yield made
            else:
                outcome.refused += 1
                outcome.problems += made[: MOST_PROBLEMS - len(outcome.problems)]

    async def _apply(
        self, events: list[Event], outcome: Outcome, key: dict[str, bytes], *, dry_run: bool
    ) -> None:
        changes = []
        try:
            async with self.store.engine.begin() as connection:
                events = await self._of_the_living(connection, events, outcome)
                known = await _existing(connection, events)
                applied = await apply_events(connection, self.store.vault, events)
                _count(outcome, events, known, applied)
                if dry_run:
                    raise _NotForGood
                changes = await self.store.follow_up(
                    connection,
                    sorted(applied.customers),
                    datetime.now(UTC),
                    forget_stale=False,
                    if_changed=applied.customers - applied.told,
                )
                await self._checkpoint(connection, key, outcome, finished_at=None)
                # Before it is committed: begun again it is written again, under the same name.
                new = [event for event in events if event.message_id in applied.new]
                await self.lake.add(new, _lake_name(key, outcome))
                by, vault = acting(), self.store.vault
                what = f"changed: import of {self.mapping.source}"
                entries = [Entry(by.who, what, vault.pseudonym(one.customer_id), by.why) for one in changes]
                await note(connection, entries)
        except _NotForGood:
            return
        await self.store.tell_cache(changes)

    async def _of_the_living(
        self, connection: AsyncConnection, events: list[Event], outcome: Outcome
    ) -> list[Event]:
        ids = {event.user_id for event in events if event.user_id is not None}
        if self.bring_back:
            await lift(connection, self.store.vault, ids)
        gone = await erased(connection, self.store.vault, ids)
        outcome.erased |= gone
        return [event for event in events if event.user_id not in gone]

    async def _checkpoint(
        self,
        connection: AsyncConnection,
        key: dict[str, bytes],
        outcome: Outcome,
        finished_at: datetime | None,
    ) -> None:
        row = {
            **key,
            "file_name": self.path.name,
            "kind": self.mapping.kind,
            "source": self.mapping.source,
            "rows": outcome.skipped + outcome.rows,
            "added": outcome.added,
            "refused": outcome.refused,
            "finished_at": finished_at,
        }
        written = insert(Import).values(row)
        kept = {name: written.excluded[name] for name in ("rows", "added", "refused", "finished_at")}
        await connection.execute(written.on_conflict_do_update(index_elements=list(key), set_=kept))

    async def _finish(self, key: dict[str, bytes], outcome: Outcome) -> None:
        async with self.store.engine.begin() as connection:
            await self._checkpoint(connection, key, outcome, finished_at=datetime.now(UTC))

    async def _done(self, key: dict[str, bytes]) -> int:
        query = select(Import.rows).where(*(getattr(Import, name) == value for name, value in key.items()))
        async with self.store.engine.connect() as connection:
            return await connection.scalar(query) or 0

    def _mapping_hash(self) -> bytes:
        said = f"{self.mapping.model_dump_json()} {self.as_of and self.as_of.isoformat()}"
        return hashlib.sha256(said.encode()).digest()


def _lake_name(key: dict[str, bytes], outcome: Outcome) -> str:
    rows_so_far = outcome.skipped + outcome.rows
    return f"import-{key['file_hash'].hex()[:16]}-{key['mapping_hash'].hex()[:8]}-{rows_so_far}"


def _count(outcome: Outcome, events: list[Event], known: set[str], applied: Applied) -> None:
    outcome.added += applied.added
    outcome.dropped += applied.dropped
    outcome.known += len(events) - applied.added - applied.dropped - len(applied.dead)
    said = {event.user_id for event in events if event.user_id is not None}
    outcome.new_customers |= said - known
    outcome.changed_customers |= (applied.told & known) - outcome.new_customers
    for dead in applied.dead:
        outcome.refused += 1
        outcome.problems.append(Problem(0, "", dead.reason))


async def _existing(connection: AsyncConnection, events: list[Event]) -> set[str]:
    ids = {event.user_id for event in events if event.user_id is not None}
    query = select(Customer.customer_id).where(Customer.customer_id.in_(ids))
    return set((await connection.scalars(query)).all())
