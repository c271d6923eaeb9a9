"""Which customer an id stands for: its own, or the one that it was merged into."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.mistakes import Mistake

_GOLDEN = text("""
    SELECT alias_id, customer_id FROM profiles.aliases WHERE alias_id = ANY (CAST(:ids AS text[]))
""")


_NOTE_MOVED = text("""
    INSERT INTO profiles.merged_rows (merge_id, table_name, column_name, act, content)
    SELECT merge_id, :table, 'customer_id', 'moved', CAST(:key AS jsonb)
    FROM profiles.aliases WHERE alias_id = :alias
""")


class MergedAway(Mistake):
    """A record of an id that was merged into another customer; the message names the two."""

    def __init__(self, customer_id: str, golden: str) -> None:
        super().__init__(f"{customer_id} has been merged into {golden}: write to that one, or undo the merge")


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


async def require_unmerged(connection: AsyncConnection, customer_ids: Iterable[str]) -> None:
    """Raises MergedAway when one of the ids was merged into another customer."""
    for alias, golden in (await golden_ids(connection, customer_ids)).items():
        raise MergedAway(alias, golden)


async def note_moved(connection: AsyncConnection, alias_id: str, table: str, key: dict[str, Any]) -> None:
    """Note that a row that was given to a golden record was meant for an id that was merged into it.

    Args:
        table: with its schema.
        key: the row's primary key by column.
    """
    parameters = {"alias": alias_id, "table": table, "key": json.dumps(key)}
    await connection.execute(_NOTE_MOVED, parameters)
