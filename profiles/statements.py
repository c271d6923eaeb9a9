"""The SQL of the store that changes many rows at once."""

import json
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from profiles.cache import Change
from profiles.tables import Base, StoredInteraction

#: Writers lock their customer first; whoever changes all customers does so too, in one order.
LOCK_ALL = (
    "SELECT count(*) FROM (SELECT 1 FROM profiles.customers ORDER BY customer_id FOR NO KEY UPDATE) AS c"
)

_SET_ATTRIBUTES = text("""
    UPDATE profiles.customers AS c
    SET attributes = n.attributes, version = c.version + 1, updated_at = :now
    FROM unnest(CAST(:ids AS text[]), CAST(:documents AS jsonb[])) AS n (customer_id, attributes)
    WHERE c.customer_id = n.customer_id
    RETURNING c.customer_id, c.version
""")

_LEAVE_SEGMENTS = text("""
    DELETE FROM profiles.memberships AS m
    WHERE m.customer_id = ANY (CAST(:ids AS text[])) AND NOT EXISTS (
        SELECT FROM unnest(CAST(:owners AS text[]), CAST(:segments AS text[])) AS n (customer_id, segment)
        WHERE n.customer_id = m.customer_id AND n.segment = m.segment)
""")

_ENTER_SEGMENTS = text("""
    INSERT INTO profiles.memberships (customer_id, segment, since)
    SELECT n.customer_id, n.segment, :now
    FROM unnest(CAST(:owners AS text[]), CAST(:segments AS text[])) AS n (customer_id, segment)
    ON CONFLICT DO NOTHING
""")

_NOTE_INVALIDATIONS = text("""
    INSERT INTO profiles.invalidations AS i (customer_id, version, forget_stale)
    SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:versions AS bigint[]), CAST(:forget AS boolean[]))
    ON CONFLICT (customer_id) DO UPDATE
    SET version = excluded.version, forget_stale = i.forget_stale OR excluded.forget_stale
""")

_CLEAR_INVALIDATIONS = text("""
    DELETE FROM profiles.invalidations AS i
    USING unnest(CAST(:ids AS text[]), CAST(:versions AS bigint[])) AS n (customer_id, version)
    WHERE i.customer_id = n.customer_id AND i.version = n.version
""")


def upsert(table: type[Base], keep: Set[str] = frozenset()) -> Insert:
    """Insert rows or, where the primary key is known, replace the rest of the row but the columns `keep`."""
    mapper = inspect(table)
    key = [column.name for column in mapper.primary_key]
    statement = insert(table)
    replaced = {
        column.name: statement.excluded[column.name]
        for column in mapper.columns
        if column.name not in {*key, *keep}
    }
    return statement.on_conflict_do_update(index_elements=key, set_=replaced)


def upsert_interaction() -> ReturningInsert[tuple[str]]:
    """Insert interactions or replace those of the same customer; gives the ids that were written.

    Another customer's interaction is left as it is.
    """
    statement = insert(StoredInteraction)
    return statement.on_conflict_do_update(
        index_elements=["interaction_id"],
        set_={"occurred_at": statement.excluded.occurred_at, "document": statement.excluded.document},
        where=StoredInteraction.customer_id == statement.excluded.customer_id,
    ).returning(StoredInteraction.interaction_id)


def replace_all_memberships(members_sql: str) -> str:
    """SQL that makes the stored memberships those of `members_sql`; gives the customers that changed.

    Takes the parameters of `members_sql` and `now`. Versions and pending invalidations follow.
    """
    return f"""
        WITH members AS MATERIALIZED ({members_sql}),
        left_behind AS (
            DELETE FROM profiles.memberships AS m
            WHERE NOT EXISTS (
                SELECT FROM members AS n WHERE n.customer_id = m.customer_id AND n.segment = m.segment)
            RETURNING m.customer_id),
        entered AS (
            INSERT INTO profiles.memberships (customer_id, segment, since)
            SELECT customer_id, segment, :now FROM members
            ON CONFLICT DO NOTHING
            RETURNING customer_id),
        changed AS (
            UPDATE profiles.customers AS c SET version = c.version + 1, updated_at = :now
            WHERE c.customer_id IN (SELECT customer_id FROM left_behind UNION SELECT customer_id FROM entered)
            RETURNING c.customer_id, c.version)
        INSERT INTO profiles.invalidations AS i (customer_id, version, forget_stale)
        SELECT customer_id, version, false FROM changed
        ON CONFLICT (customer_id) DO UPDATE SET version = excluded.version
        RETURNING i.customer_id
    """  # noqa: S608  (made of constants and a compiled expression)


async def set_attributes(
    connection: AsyncConnection, documents: Mapping[str, dict[str, Any]], now: datetime
) -> dict[str, int]:
    """Store derived attributes by customer; gives the new versions."""
    result = await connection.execute(
        _SET_ATTRIBUTES,
        {
            "ids": list(documents),
            "documents": [json.dumps(value) for value in documents.values()],
            "now": now,
        },
    )
    return {row.customer_id: row.version for row in result}


async def set_memberships(
    connection: AsyncConnection, customer_ids: list[str], members: Sequence[tuple[str, str]], now: datetime
) -> None:
    """Make `members` (customer, segment) the memberships of these customers; who stays keeps their since-when."""
    parameters = {"owners": [owner for owner, _ in members], "segments": [segment for _, segment in members]}
    await connection.execute(_LEAVE_SEGMENTS, {"ids": customer_ids, **parameters})
    await connection.execute(_ENTER_SEGMENTS, {"now": now, **parameters})


async def note_invalidations(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """Remember, in the write's own transaction, that cached views are to be deleted."""
    parameters = _arrays(changes) | {"forget": [change.forget_stale for change in changes]}
    await connection.execute(_NOTE_INVALIDATIONS, parameters)


async def clear_invalidations(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """The cached views of these versions have been deleted; a later write's stay noted."""
    await connection.execute(_CLEAR_INVALIDATIONS, _arrays(changes))


def _arrays(changes: Sequence[Change]) -> dict[str, list[Any]]:
    return {
        "ids": [change.customer_id for change in changes],
        "versions": [change.version for change in changes],
    }
