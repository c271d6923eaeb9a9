"""What was done with a device goes to the customer of that device, when it becomes known who that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.events.purposes import purpose_of
from profiles.worker import statements
from profiles.worker.contacts import Told, add_contacts, contact_of
from profiles.worker.refusals import refusals_of


@dataclass(frozen=True)
class Moved:
    """Whose profiles have to follow, and how many events were dropped for their new owner had refused them."""

    customers: frozenset[str]
    dropped: int


async def move_events(connection: AsyncConnection, devices: Sequence[str], now: datetime) -> Moved:
    """Give the events of these devices, their counts and contacts, to the customers of the devices."""
    if not devices:
        return Moved(frozenset(), 0)
    rows = (await connection.execute(statements.MOVING, {"devices": list(devices)})).all()
    if not rows:
        return Moved(frozenset(), 0)
    customers = {row.before for row in rows if row.before is not None} | {row.after for row in rows}
    await connection.execute(statements.LOCK_CUSTOMERS, {"ids": sorted(customers)})
    refused = await refusals_of(connection, {row.after for row in rows}, now)
    dropped = [row for row in rows if (row.after, purpose_of(row.kind, row.name)) in refused]
    kept = [row for row in rows if (row.after, purpose_of(row.kind, row.name)) not in refused]
    await connection.execute(statements.FORGET_EVENTS, {"ids": [row.message_id for row in dropped]})
    owners = {"ids": [row.message_id for row in kept], "owners": [row.after for row in kept]}
    await connection.execute(statements.MOVE, owners)
    told = [
        (
            Told(row.message_id, row.anonymous_id, row.name, row.document["properties"], row.occurred_at),
            row.after,
        )
        for row in kept
        if row.kind == "track"
    ]
    await add_contacts(connection, [contact for one in told if (contact := contact_of(*one))])
    await connection.execute(statements.FORGET_COUNTS, {"customers": sorted(customers)})
    await connection.execute(statements.COUNT_AGAIN, {"customers": sorted(customers)})
    return Moved(frozenset(customers), len(dropped))
