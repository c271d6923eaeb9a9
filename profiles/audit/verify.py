"""Finds entries of the audit log that were edited, taken out, or cut off at the end, by their numbers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from profiles.audit.chain import GENESIS, Entry, entry_hash
from profiles.audit.checkpoints import Checkpoint, Keys
from profiles.audit.tables import AuditEntry, AuditHead

CHUNK = 5_000


@dataclass(frozen=True)
class Fault:
    """What is wrong with the entries `first` to `last`."""

    first: int
    last: int
    what: str

    def __str__(self) -> str:
        if self.first == self.last:
            return f"entry {self.first}: {self.what}"
        return f"entries {self.first} to {self.last}: {self.what}"


@dataclass
class Report:
    """What a verification found.

    Attributes:
        entries: how many were looked at.
        checkpoints: how many of the given ones are signed with a known key.
        faults: in the order of their numbers.
        last: number and hash of the last entry.
    """

    entries: int = 0
    checkpoints: int = 0
    faults: list[Fault] = field(default_factory=list)
    last: tuple[int, bytes] = (0, GENESIS)


async def verify(
    engine: AsyncEngine, keys: Keys, checkpoints: Sequence[Checkpoint], after: Checkpoint | None = None
) -> Report:
    """Follow the chain from its first entry, or from the one of a checkpoint, to its end.

    Args:
        engine: the database.
        keys: what the checkpoints are checked with.
        checkpoints: from the database and from outside it.
        after: entries up to this one are left out.
    """
    isolated = engine.execution_options(isolation_level="REPEATABLE READ")
    async with isolated.connect() as connection:
        head = (await connection.execute(select(AuditHead.sequence, AuditHead.hash))).one_or_none()
        walk = Walk(keys, checkpoints, after)
        await walk.follow(connection)
    return walk.finish((head.sequence, bytes(head.hash)) if head else None)


class Walk:
    """Goes along the chain, entry by entry.

    Args:
        keys: what the checkpoints are checked with.
        checkpoints: where the chain is known to have stood.
        after: entries up to this one are left out.
    """

    def __init__(self, keys: Keys, checkpoints: Sequence[Checkpoint], after: Checkpoint | None) -> None:
        self._report = Report(last=(after.sequence, after.hash) if after else (0, GENESIS))
        self._signed: dict[int, set[bytes]] = defaultdict(set)
        self._signed_well = self._report.last[0]
        self._signed_otherwise = False
        self._forged: list[Checkpoint] = []
        for checkpoint in set(checkpoints):
            if keys.vouched(checkpoint):
                self._signed[checkpoint.sequence].add(checkpoint.hash)
                self._report.checkpoints += 1
            else:
                self._forged.append(checkpoint)

    async def follow(self, connection: AsyncConnection) -> None:
        """Look at all entries of the database."""
        query = select(AuditEntry).order_by(AuditEntry.sequence)
        query = query.where(AuditEntry.sequence > self._report.last[0])
        async with connection.stream(query.execution_options(yield_per=CHUNK)) as rows:
            async for row in rows:
                entry = Entry(row.who, row.what, row.customer_pseudonym, row.why, row.at)
                self.look_at(row.sequence, entry, bytes(row.previous_hash), bytes(row.hash))

    def look_at(self, number: int, entry: Entry, previous: bytes, digest: bytes) -> None:
        """Look at the next entry, with the hashes that it came with."""
        report = self._report
        last, last_hash = report.last
        report.entries += 1
        if number > last + 1:
            self._blame(last + 1, number - 1, "missing")
        if entry_hash(number, entry, previous) != digest:
            self._blame(number, number, "edited")
        elif number == last + 1 and previous != last_hash and last > 0:
            self._blame(last, last, f"replaced (entry {number} follows another one)")
        elif number == 1 and previous != GENESIS:
            self._blame(1, 1, "not the first that there was")
        if number in self._signed:
            if self._signed[number] == {digest}:
                self._signed_well = number
            elif not self._signed_otherwise:
                self._signed_otherwise = True
                self._blame(self._signed_well + 1, number, "not what a checkpoint has signed: replaced")
        report.last = (number, digest)

    def finish(self, head: tuple[int, bytes] | None) -> Report:
        """Compare the end with what the head and the checkpoints say of it."""
        report = self._report
        last, digest = report.last
        end = max([head[0] if head else 0, *self._signed], default=0)
        if end > last:
            self._blame(last + 1, end, "missing at the end")
        elif head is None and last > 0:
            self._blame(last, last, "last one, but the row that says where the chain ends is missing")
        elif head is not None and head != (last, digest):
            self._blame(last, last, f"last one, but the chain is said to end otherwise at entry {head[0]}")
        for checkpoint in self._forged:
            self._blame(
                checkpoint.sequence, checkpoint.sequence, "its checkpoint is not signed by a known key"
            )
        report.faults.sort(key=lambda fault: (fault.first, fault.last))
        return report

    def _blame(self, first: int, last: int, what: str) -> None:
        """Note a fault, unless a fault of the same entry has been found: the first says what was done."""
        faults = self._report.faults
        if not any(known.first <= first and last <= known.last for known in faults[-2:]):
            faults.append(Fault(first, last, what))
