"""Applies events to customers: a pure handler that knows a database connection and nothing of streams.

What results is a function of the set of events: any order and any repetition of them gives the same profile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.events.envelope import Event
from profiles.worker import statements
from profiles.worker.owners import link_devices, links_of, owners_of


@dataclass(frozen=True)
class DeadEvent:
    """An event that can't be applied, and why."""

    event: Event
    reason: str


@dataclass(frozen=True)
class Applied:
    """What became of some events.

    Attributes:
        added: how many were new.
        dropped: how many were refused by consent.
        customers: whose profiles have to follow.
        dead: what could not be applied.
    """

    added: int
    dropped: int
    customers: frozenset[str]
    dead: tuple[DeadEvent, ...] = ()


async def apply_events(connection: AsyncConnection, events: Sequence[Event]) -> Applied:
    """Apply events within the transaction of the connection; events that are known already change nothing.

    Derived attributes, segments and versions of the customers are left to the caller.
    """
    unique = sorted({event.message_id: event for event in events}.values(), key=lambda e: e.message_id)
    await connection.execute(statements.ONE_AT_A_TIME)
    await _add_customers(connection, unique)
    moving = await link_devices(connection, links_of(unique))
    visited = [e.anonymous_id for e in unique if e.user_id is None and e.anonymous_id is not None]
    owners = await owners_of(connection, visited)
    named = [(event, event.user_id or owners.get(event.anonymous_id or "")) for event in unique]
    touched = {owner for _, owner in named if owner is not None}
    await connection.execute(statements.LOCK_CUSTOMERS, {"ids": sorted(touched)})
    added = set((await connection.scalars(statements.ADD_EVENTS, _columns(named))).all())
    changed = {owner for event, owner in named if owner is not None and event.message_id in added}
    changed |= await _move(connection, moving)
    return Applied(added=len(added), dropped=0, customers=frozenset(changed))


async def _add_customers(connection: AsyncConnection, events: Iterable[Event]) -> None:
    earliest: dict[str, Event] = {}
    for event in events:
        if event.user_id is not None:
            known = earliest.get(event.user_id)
            if known is None or event.timestamp < known.timestamp:
                earliest[event.user_id] = event
    rows = {"ids": list(earliest), "times": [event.timestamp for event in earliest.values()]}
    await connection.execute(statements.ADD_CUSTOMERS, rows)


async def _move(connection: AsyncConnection, devices: Sequence[str]) -> set[str]:
    """Give what was done with these devices to their customers; gives all customers that this changes."""
    if not devices:
        return set()
    rows = (await connection.execute(statements.MOVE_EVENTS, {"devices": list(devices)})).all()
    customers = {row.before for row in rows if row.before is not None} | {row.after for row in rows}
    if customers:
        parameters = {"customers": sorted(customers)}
        await connection.execute(statements.LOCK_CUSTOMERS, {"ids": sorted(customers)})
        await connection.execute(statements.FORGET_COUNTS, parameters)
        await connection.execute(statements.COUNT_AGAIN, parameters)
    return customers


def _columns(named: Sequence[tuple[Event, str | None]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "customer_id": [owner for _, owner in named],
        "origin_id": [event.user_id for event, _ in named],
        "kind": [event.type for event, _ in named],
        "name": [event.event or event.name for event, _ in named],
        "occurred_at": [event.timestamp for event, _ in named],
        "document": [event.document() for event, _ in named],
    }
    for field in ("message_id", "anonymous_id", "received_at", "source"):
        columns[field] = [getattr(event, field) for event, _ in named]
    return columns
