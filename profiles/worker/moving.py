"""What was done with a device goes to the customer of that device, when it becomes known who that is."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.events.sealing import joined
from profiles.traits.write import move_traits, write_traits
from profiles.worker import statements
from profiles.worker.contacts import add_contacts, contact_of
from profiles.worker.refusals import purpose_of, refusals_of
from profiles.worker.telling import traits_of


@dataclass(frozen=True)
class Moved:
    """What the moving of events changed.

    Attributes:
        customers: whose profiles have to follow.
        told: of whom an attribute is another one now.
        dropped: how many events were dropped, for their new customer has refused them.
    """

    customers: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    dropped: int = 0


async def move_events(
    connection: AsyncConnection, vault: Vault, devices: Sequence[str], now: datetime
) -> Moved:
    """Give the events of these devices, their counts and contacts, to the customers of the devices."""
    if not devices:
        return Moved()
    rows = (await connection.execute(statements.MOVING, {"devices": list(devices)})).all()
    if not rows:
        return Moved()
    customers = {row.before for row in rows if row.before is not None} | {row.after for row in rows}
    await connection.execute(statements.LOCK_CUSTOMERS, {"ids": sorted(customers)})
    moving = [(_event(vault, row), row.after) for row in rows]
    known = {row.message_id for row in rows if row.before is not None}
    refused = await refusals_of(connection, {owner for _, owner in moving}, now)
    kept = [(event, owner) for event, owner in moving if (owner, purpose_of(event)) not in refused]
    dropped = [event.message_id for event, owner in moving if (owner, purpose_of(event)) in refused]
    await connection.execute(statements.FORGET_EVENTS, {"ids": dropped})
    owners = {"ids": [event.message_id for event, _ in kept], "owners": [owner for _, owner in kept]}
    await connection.execute(statements.MOVE, owners)
    await add_contacts(connection, [contact for one in kept if (contact := contact_of(*one))])
    told = await _tell(connection, vault, kept, known)
    await connection.execute(statements.FORGET_COUNTS, {"customers": sorted(customers)})
    await connection.execute(statements.COUNT_AGAIN, {"customers": sorted(customers)})
    return Moved(frozenset(customers), told, len(dropped))


async def _tell(
    connection: AsyncConnection, vault: Vault, moved: Sequence[tuple[Event, str]], known: Collection[str]
) -> frozenset[str]:
    """Say of their present customers what events told of others (`known`), or of nobody yet."""
    first = [trait for one in moved if one[0].message_id not in known for trait in traits_of(*one)]
    told = set((await write_traits(connection, vault, first)).customers)
    again: dict[str, list[str]] = defaultdict(list)
    for event, owner in moved:
        if event.message_id in known and event.traits:
            again[owner].append(event.message_id)
    for owner, messages in sorted(again.items()):
        told |= await move_traits(connection, vault, messages, owner)
    return frozenset(told)


def _event(vault: Vault, row: Row[Any]) -> Event:
    """The event of a stored row, as it was applied."""
    return Event.model_validate(
        {
            **joined(vault, row.message_id, row.document, row.sealed),
            "message_id": row.message_id,
            "type": row.kind,
            "anonymous_id": row.anonymous_id,
            "event" if row.kind == "track" else "name": row.name,
            "timestamp": row.occurred_at,
            "received_at": row.received_at,
            "source": row.source,
        }
    )
