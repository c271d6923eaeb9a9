"""Finds customers who may be one person: sure ones are merged, likely ones proposed to a person.

The records themselves tell how much each agreement counts (`profiles.linkage`); nothing is labelled.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Unreadable, Vault
from profiles.identity.golden import golden_ids
from profiles.identity.links import settle_email_devices
from profiles.identity.merge import CannotMerge, KeptApart, Merged, Two, merge
from profiles.store import Store
from profiles.worker.moving import move_events
from profiles.worker.statements import ONE_AT_A_TIME

if TYPE_CHECKING:
    from profiles.linkage.model import Pair, Progress

#: From this probability on customers are merged without being asked about.
SURE = 0.999
#: From this on a person is asked.
LIKELY = 0.2

#: Why a person is asked about those who are one for sure, when nobody has started the merging.
NOT_MERGED_BY_ITSELF = "nothing is merged by itself"

_CUSTOMERS = text("""
    SELECT customer_id, first_name, last_name, email, phone, address, birth_date, signed_up_at
    FROM profiles.customers ORDER BY signed_up_at, customer_id
""")
#: As golden records: what was said of an id that was merged since rests with the rows of that merge.
_REJECTED = text("""
    SELECT coalesce(a.customer_id, d.first_id) AS first_id, coalesce(b.customer_id, d.second_id) AS second_id
    FROM (
        SELECT first_id, second_id FROM profiles.candidates WHERE status = 'rejected'
        UNION ALL
        SELECT content->>'first_id', content->>'second_id' FROM profiles.merged_rows
        WHERE table_name = 'profiles.candidates' AND content->>'status' = 'rejected') AS d
    LEFT JOIN profiles.aliases AS a ON a.alias_id = d.first_id
    LEFT JOIN profiles.aliases AS b ON b.alias_id = d.second_id
""")
_SHARED_DEVICES = text("""
    SELECT p.first_id, p.second_id, count(DISTINCT a.anonymous_id) AS devices
    FROM unnest(CAST(:first AS text[]), CAST(:second AS text[])) AS p (first_id, second_id)
    JOIN profiles.events AS a ON a.customer_id = p.first_id
    JOIN profiles.events AS b ON b.customer_id = p.second_id AND b.anonymous_id = a.anonymous_id
    GROUP BY 1, 2
""")
_PROPOSE = text("""
    INSERT INTO profiles.candidates AS c (first_id, second_id, probability, explanation, reason, found_at)
    SELECT n.*, :now FROM unnest(
        CAST(:first AS text[]), CAST(:second AS text[]), CAST(:probability AS float[]),
        CAST(:explanation AS jsonb[]), CAST(:reason AS text[])) AS n (first_id, second_id, p, e, r)
    WHERE EXISTS (SELECT FROM profiles.customers WHERE customer_id = n.first_id)
        AND EXISTS (SELECT FROM profiles.customers WHERE customer_id = n.second_id)
    ON CONFLICT (first_id, second_id) DO UPDATE
    SET probability = excluded.probability, explanation = excluded.explanation, reason = excluded.reason,
        found_at = excluded.found_at
    WHERE c.status = 'open'
""")
_FORGET_OLD = text("DELETE FROM profiles.candidates WHERE status = 'open' AND found_at < :now")


@dataclass(frozen=True)
class Likely:
    """Two customers who may be one.

    Attributes:
        older: who signed up first; would be kept.
        why_asked: why a person has to decide; None when it is sure.
    """

    older: str
    younger: str
    probability: float
    explanation: dict[str, Any]
    why_asked: str | None


@dataclass(frozen=True)
class Found:
    """The outcome of a batch."""

    customers: int
    merged: list[Merged]
    proposed: list[Likely]


async def find_candidates(
    store: Store, progress: "Progress", *, dry_run: bool = False, propose_only: bool = False
) -> Found:
    """Compare all customers, merge those who are one for sure, and propose the likely ones anew.

    Args:
        progress: told what is being done, and how much of all has been done.
        propose_only: merge nobody; those who are one for sure are proposed as well.
        dry_run: find out what would be done, and change nothing.
    """
    now = datetime.now(UTC)
    progress("reading customers", 0.0)
    async with store.engine.connect() as connection:
        records = await _records(connection, store.vault)
        rejected = await _rejected(connection)
    pairs = await asyncio.to_thread(_pairs, records, progress)
    found = [_likely(records, pair) for pair in pairs if pair.probability >= LIKELY]
    found = [one for one in found if _ordered(one) not in rejected]
    async with store.engine.connect() as connection:
        found = await _with_devices(connection, found)
    merged: list[Merged] = []
    proposed: list[Likely] = []
    for one in found:
        if one.why_asked is not None or propose_only:
            proposed.append(replace(one, why_asked=one.why_asked or NOT_MERGED_BY_ITSELF))
            continue
        try:
            merged.append(await _merge(store, one, dry_run=dry_run))
        except KeptApart:
            continue
        except CannotMerge as error:
            proposed.append(replace(one, why_asked=str(error)))
    if not dry_run:
        proposed = await _of_golden(store, proposed)
        await _propose(store, proposed, now)
        await _link_devices(store, [record["customer_id"] for record in records], now)
    return Found(len(records), merged, proposed)


async def _records(connection: AsyncConnection, vault: Vault) -> list[dict[str, Any]]:
    records = []
    async with connection.stream(_CUSTOMERS) as rows:
        async for row in rows.mappings():
            record = {"customer_id": row["customer_id"], "given_name": row["first_name"]}
            opened = {
                name: _opened(vault, row["customer_id"], name, row[name])
                for name in ("last_name", "email", "phone", "birth_date", "address")
            }
            address = json.loads(opened.pop("address") or "{}")
            records.append(record | opened | {name: address.get(name) for name in _ADDRESS})
    return records


_ADDRESS = ("line1", "city", "postcode")


def _opened(vault: Vault, customer_id: str, field: str, sealed: bytes | None) -> str | None:
    """A field's value; one that does not open is as good as missing here."""
    if sealed is None:
        return None
    try:
        return vault.open(customer_id, field, sealed)
    except Unreadable:
        return None


def _pairs(records: Sequence[Mapping[str, Any]], progress: "Progress") -> list["Pair"]:
    # The model takes a second to load, which the service need not wait for when it starts.
    from profiles.linkage.model import Field, link  # noqa: PLC0415
    from profiles.linkage.values import Kind, normalise  # noqa: PLC0415

    kinds: dict[str, Kind] = {
        "given_name": "given_name",
        "last_name": "surname",
        "birth_date": "date",
        "email": "email",
        "phone": "phone",
        "line1": "street",
        "city": "city",
        "postcode": "postcode",
    }
    fields = []
    for name, kind in kinds.items():
        values = normalise(kind, [record[name] or "" for record in records])
        if any(values):
            fields.append(Field(name, kind, (values,)))
    return link(fields, progress).pairs if records else []


def _likely(records: Sequence[Mapping[str, Any]], pair: "Pair") -> Likely:
    older, younger = sorted((pair.left, pair.right))
    weights = {one.column: {"is": one.agreement, "weight": round(one.weight, 2)} for one in pair.evidence}
    sure = pair.probability >= SURE
    return Likely(
        records[older]["customer_id"],
        records[younger]["customer_id"],
        round(pair.probability, 6),
        {
            "household": round(pair.household, 6),
            "probability": round(pair.probability, 6),
            "weights": weights,
        },
        None if sure else f"probability below {SURE}",
    )


def _ordered(one: Likely) -> tuple[str, str]:
    return min(one.older, one.younger), max(one.older, one.younger)


async def _with_devices(connection: AsyncConnection, found: Sequence[Likely]) -> list[Likely]:
    """Say as well on how many devices both have been."""
    if not found:
        return []
    pairs = {"first": [one.older for one in found], "second": [one.younger for one in found]}
    rows = (await connection.execute(_SHARED_DEVICES, pairs)).all()
    devices = {(row.first_id, row.second_id): row.devices for row in rows}
    return [
        replace(
            one,
            explanation=one.explanation | {"shared_devices": devices.get((one.older, one.younger), 0)},
        )
        for one in found
    ]


async def _merge(store: Store, one: Likely, *, dry_run: bool) -> Merged:
    """Merge two, or those that they have become part of in this batch."""
    async with store.engine.connect() as connection:
        golden = await golden_ids(connection, [one.older, one.younger])
    two = Two(golden.get(one.older, one.older), golden.get(one.younger, one.younger))
    if two.kept == two.merged:
        raise CannotMerge("they are one already")
    return await merge(store, two, one.explanation, dry_run=dry_run)


async def _rejected(connection: AsyncConnection) -> set[tuple[str, str]]:
    """Pairs that people keep apart."""
    rows = (await connection.execute(_REJECTED)).all()
    return {(min(pair), max(pair)) for pair in ((row.first_id, row.second_id) for row in rows)}


async def _of_golden(store: Store, proposed: Sequence[Likely]) -> list[Likely]:
    """Proposals about those whom the batch has made of the two, each pair once."""
    async with store.engine.connect() as connection:
        golden = await golden_ids(connection, [one for pair in map(_ordered, proposed) for one in pair])
        rejected = await _rejected(connection)
    kept: dict[tuple[str, str], Likely] = {}
    for one in proposed:
        now = replace(
            one, older=golden.get(one.older, one.older), younger=golden.get(one.younger, one.younger)
        )
        pair = _ordered(now)
        # The most probable comes first.
        if now.older != now.younger and pair not in rejected:
            kept.setdefault(pair, now)
    return list(kept.values())


async def _propose(store: Store, proposed: Sequence[Likely], now: datetime) -> None:
    pairs = [_ordered(one) for one in proposed]
    rows = {
        "first": [first for first, _ in pairs],
        "second": [second for _, second in pairs],
        "probability": [one.probability for one in proposed],
        "explanation": [json.dumps(one.explanation) for one in proposed],
        "reason": [one.why_asked for one in proposed],
        "now": now,
    }
    async with store.engine.begin() as connection:
        await connection.execute(_PROPOSE, rows)
        await connection.execute(_FORGET_OLD, {"now": now})


async def _link_devices(store: Store, customer_ids: Sequence[str], now: datetime) -> None:
    """Addresses that came with a record tell whose devices are, too."""
    async with store.engine.begin() as connection:
        await connection.execute(ONE_AT_A_TIME)
        devices = await settle_email_devices(connection, customer_ids)
        moved = await move_events(connection, store.vault, devices, now)
        changes = await store.follow_up(connection, sorted(moved.customers), now, forget_stale=False)
    await store.tell_cache(changes)
