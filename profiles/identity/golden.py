"""Which customer an id stands for: its own, or the one that it was merged into."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_GOLDEN = text("""
    SELECT alias_id, customer_id FROM profiles.aliases WHERE alias_id = ANY (CAST(:ids AS text[]))
""")


async def golden_ids(connection: AsyncConnection, customer_ids: Iterable[str]) -> dict[str, str]:
    """The customers that ids were merged into; ids that stand for themselves are left out."""
    asked = sorted(set(customer_ids))
    if not asked:
        return {}
    rows = (await connection.execute(_GOLDEN, {"ids": asked})).all()
    return {row.alias_id: row.customer_id for row in rows}


async def golden_id(connection: AsyncConnection, customer_id: str) -> str:
    """The customer that an id stands for; the id itself when nothing is known of it."""
    return (await golden_ids(connection, [customer_id])).get(customer_id, customer_id)
