"""Purposes that customers have refused."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.worker import statements


async def refusals_of(
    connection: AsyncConnection, customers: Collection[str], now: datetime
) -> set[tuple[str | None, str]]:
    """Pairs of customer and purpose; who has said nothing about a purpose has not refused it."""
    if not customers:
        return set()
    rows = await connection.execute(statements.REFUSED, {"customers": sorted(customers), "now": now})
    return {(row.customer_id, row.purpose) for row in rows}
