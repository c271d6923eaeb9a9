"""For which purpose an event is kept, and which purposes customers have refused."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.events.envelope import Event
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
