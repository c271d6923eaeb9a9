"""For which purpose an event is kept, and which purposes customers have refused."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.events.envelope import Event
from profiles.identity.golden import golden_ids
from profiles.protocol import Purpose
from profiles.quality.schemas import registry
from profiles.worker import statements


def purpose_of(event: Event) -> Purpose:
    """The purpose that is declared with the event's type."""
    return registry().purpose(event.type, event.event)


async def refusals_of(
    connection: AsyncConnection, customers: Collection[str], now: datetime
) -> set[tuple[str | None, str]]:
    """Pairs of customer and purpose; who has said nothing about a purpose has not refused it."""
    if not customers:
        return set()
    rows = await connection.execute(statements.REFUSED, {"customers": sorted(customers), "now": now})
    return {(row.customer_id, row.purpose) for row in rows}


async def permitted(connection: AsyncConnection, events: Sequence[Event], now: datetime) -> list[Event]:
    """The events that nobody has refused: neither where they were made, nor the customer whose they are by now."""
    golden = await golden_ids(connection, {event.user_id for event in events if event.user_id is not None})
    visited = {event.anonymous_id for event in events if event.user_id is None}
    devices = await connection.execute(
        statements.OWNERS_OF_DEVICES, {"devices": sorted(filter(None, visited))}
    )
    owner_of = {row.anonymous_id: row.customer_id for row in devices}

    def owner(event: Event) -> str | None:
        return (
            owner_of.get(event.anonymous_id)
            if event.user_id is None
            else golden.get(event.user_id, event.user_id)
        )

    owners = {event.message_id: owner(event) for event in events}
    refused = await refusals_of(connection, {one for one in owners.values() if one is not None}, now)
    return [
        event
        for event in events
        if event.consented.get(purpose_of(event)) is not False
        and (owners[event.message_id], purpose_of(event)) not in refused
    ]
