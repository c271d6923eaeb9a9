"""What was done with a device goes to the customer of that device, when it becomes known who that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.events.sealing import joined
from profiles.worker import statements
from profiles.worker.contacts import add_contacts, contact_of
from profiles.worker.refusals import purpose_of, refusals_of


@dataclass(frozen=True)
class Moved:
    """Whose profiles have to follow, and how many events were dropped for their new owner had refused them."""

    customers: frozenset[str]
    dropped: int


async def move_events(
    connection: AsyncConnection, vault: Vault, devices: Sequence[str], now: datetime
) -> Moved:
    """Give the events of these devices, their counts and contacts, to the customers of the devices."""
    if not devices:
        return Moved(frozenset(), 0)
    rows = (await connection.execute(statements.MOVING, {"devices": list(devices)})).all()
    if not rows:
        return Moved(frozenset(), 0)
    customers = {row.before for row in rows if row.before is not None} | {row.after for row in rows}
    await connection.execute(statements.LOCK_CUSTOMERS, {"ids": sorted(customers)})
    moving = [(_event(vault, row), row.after) for row in rows]
    refused = await refusals_of(connection, {owner for _, owner in moving}, now)
    kept = [(event, owner) for event, owner in moving if (owner, purpose_of(event)) not in refused]
    dropped = [event.message_id for event, owner in moving if (owner, purpose_of(event)) in refused]
    await connection.execute(statements.FORGET_EVENTS, {"ids": dropped})
    owners = {"ids": [event.message_id for event, _ in kept], "owners": [owner for _, owner in kept]}
    await connection.execute(statements.MOVE, owners)
    await add_contacts(connection, [contact for one in kept if (contact := contact_of(*one))])
    await connection.execute(statements.FORGET_COUNTS, {"customers": sorted(customers)})
    await connection.execute(statements.COUNT_AGAIN, {"customers": sorted(customers)})
    return Moved(frozenset(customers), len(dropped))


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
