"""Makes one customer of two: everything of the one becomes the other's in one transaction, each row noted."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.cache import Change
from profiles.consent import in_force
from profiles.crypto import Vault
from profiles.identity import statements
from profiles.identity.golden import golden_ids
from profiles.identity.references import Reference, references
from profiles.protocol import PURPOSES, UnknownCustomer
from profiles.records import ConsentStatement
from profiles.rights.tombstones import erased
from profiles.store import Store
from profiles.traits.settle import settle
from profiles.worker.statements import COUNT_AGAIN, FORGET_COUNTS, ONE_AT_A_TIME

#: So many ids one customer may stand for; more is a shared account or a mistake, and a person should look.
LARGEST_CLUSTER = 8
#: Follow from other rows and are made anew.
DERIVED = frozenset({"profiles.memberships", "profiles.invalidations", "profiles.daily_activity"})
#: Proposals about a customer who is no more, and what people have decided about them (`statements.APART`).
_MOOT = frozenset({"profiles.candidates"})

_LEFT = "SELECT count(*) FROM {table} WHERE {column} = :merged"


class CannotMerge(Exception):
    """These two may not become one; the message says why, and names ids only."""


class KeptApart(CannotMerge):
    """A person has said that they are two."""


@dataclass(frozen=True)
class Two:
    """The customer that stays, and the one that becomes part of it."""

    kept: str
    merged: str


@dataclass(frozen=True)
class Merged:
    """What a merge did: how many rows of each table have another customer now."""

    merge_id: int
    kept_id: str
    merged_id: str
    moved: dict[str, int]


class _DryRun(Exception):
    """Takes the transaction back."""


async def merge(
    store: Store,
    two: Two,
    explanation: Mapping[str, Any],
    *,
    dry_run: bool = False,
) -> Merged:
    """Make `two.merged` a part of `two.kept`, which is the golden record from then on.

    Args:
        explanation: what speaks for it: links, and the weight of each column.
        dry_run: find out what would be done, and leave everything as it is.

    Raises:
        UnknownCustomer, CannotMerge
    """
    changes: list[Change] = []
    done: Merged | None = None
    try:
        async with store.engine.begin() as connection:
            await connection.execute(ONE_AT_A_TIME)
            done, changes = await merge_within(connection, store, two, explanation)
            if dry_run:
                raise _DryRun
            why = f"{acting().why}: merge {done.merge_id}"
            entries = [
                Entry(acting().who, "merged", store.vault.pseudonym(one), why)
                for one in (two.kept, two.merged)
            ]
            await note(connection, entries)
    except _DryRun:
        pass
    else:
        await store.tell_cache(changes)
    assert done is not None  # noqa: S101  (or an exception has left)
    return done


async def merge_within(
    connection: AsyncConnection,
    store: Store,
    two: Two,
    explanation: Mapping[str, Any],
) -> tuple[Merged, list[Change]]:
    """As `merge`, in the transaction of the connection; the caller notes it and tells the cache.

    Raises:
        UnknownCustomer, CannotMerge
    """
    now = datetime.now(UTC)
    await _check(connection, store.vault, two, now)
    by = acting()
    words = {"who": by.who, "why": by.why, "explanation": json.dumps(dict(explanation))}
    merge_id: int = (await connection.execute(statements.ADD_MERGE, asdict(two) | words)).scalar_one()
    asked: dict[str, Any] = asdict(two) | {"merge": merge_id}
    await connection.execute(statements.KEEP, asked)
    moved: dict[str, int] = {}
    found = await references(connection)
    for reference in found:
        moved[reference.table] = moved.get(reference.table, 0) + await _move(connection, reference, asked)
    await _nothing_left(connection, found, two.merged)
    await connection.execute(statements.ADD_ALIAS, asked)
    version: int = (await connection.execute(statements.REMOVE_MERGED, {"merged": two.merged})).scalar_one()
    changes = await bring_up_to_date(connection, store, [two.kept], now)
    # Whoever asks for the merged id is given the golden record; its own cached views must not be shown again.
    changes.append(Change(two.merged, version + 1, forget_stale=True))
    counts = {table: count for table, count in moved.items() if count}
    return Merged(merge_id, two.kept, two.merged, counts), changes


async def bring_up_to_date(
    connection: AsyncConnection, store: Store, customer_ids: list[str], now: datetime
) -> list[Change]:
    """Make anew what follows from the rows of customers who got some or lost some."""
    await connection.execute(FORGET_COUNTS, {"customers": customer_ids})
    await connection.execute(COUNT_AGAIN, {"customers": customer_ids})
    await settle(connection, store.vault, customer_ids, now)
    return await store.follow_up(connection, customer_ids, now, forget_stale=True)


async def _check(connection: AsyncConnection, vault: Vault, two: Two, now: datetime) -> None:
    kept_id, merged_id, asked = two.kept, two.merged, asdict(two)
    if kept_id == merged_id:
        raise CannotMerge("a customer can't be merged with themself")
    aliases = await golden_ids(connection, [kept_id, merged_id])
    for alias, golden in aliases.items():
        raise CannotMerge(f"{alias} has been merged into {golden} already")
    known = set((await connection.scalars(statements.LOCK, asked)).all())
    for customer_id in (kept_id, merged_id):
        if customer_id not in known:
            raise UnknownCustomer(customer_id)
    for gone in sorted(await erased(connection, vault, [kept_id, merged_id])):
        raise CannotMerge(f"{gone} is being erased")
    for apart in (await connection.execute(statements.APART, asked)).all():
        raise KeptApart(f"{apart.first_id} and {apart.second_id} are two: somebody has said so")
    said: dict[str, list[ConsentStatement]] = {kept_id: [], merged_id: []}
    for row in (await connection.execute(statements.CONSENTS, asked)).mappings().all():
        said[row["customer_id"]].append(ConsentStatement.model_validate(dict(row)))
    kept, merged = in_force(said[two.kept], now), in_force(said[merged_id], now)
    different = [purpose for purpose in PURPOSES if kept[purpose] != merged[purpose]]
    if different:
        raise CannotMerge(f"{kept_id} and {merged_id} allow different things: {', '.join(different)}")
    size: int = (await connection.execute(statements.CLUSTER, asked)).scalar_one()
    if size > LARGEST_CLUSTER:
        raise CannotMerge(
            f"{kept_id} would stand for {size} ids; at most {LARGEST_CLUSTER} may be one customer"
        )


async def _move(connection: AsyncConnection, reference: Reference, asked: dict[str, Any]) -> int:
    names = asked | {"table": reference.table, "column": reference.column}
    all_rows = reference.table in DERIVED | _MOOT
    await connection.execute(statements.take(reference, all_rows=all_rows), names)
    return (await connection.execute(statements.move(reference), names)).rowcount


async def _nothing_left(connection: AsyncConnection, found: list[Reference], merged_id: str) -> None:
    """Deleting the customer must delete nothing else."""
    for reference in found:
        query = text(_LEFT.format(table=reference.table, column=reference.column))
        if await connection.scalar(query, {"merged": merged_id}):
            raise CannotMerge(f"rows of {reference.table} could not be moved")
