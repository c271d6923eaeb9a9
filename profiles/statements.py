"""The SQL of the store that changes many rows at once."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.cache import Change
from profiles.protocol import Interaction
from profiles.records import ConsentStatement
from profiles.tables import Customer

#: Writers lock their customer first; whoever changes all customers does so too, in one order.
LOCK_ALL = (
    "SELECT count(*) FROM (SELECT 1 FROM profiles.customers ORDER BY customer_id FOR NO KEY UPDATE) AS c"
)

_UPSERT_CONSENTS = text("""
    INSERT INTO profiles.consents (customer_id, purpose, at, granted, source, version, expires_at)
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (
        customer_id text, purpose text, at timestamptz, granted boolean, source text, version text,
        expires_at timestamptz)
    ON CONFLICT (customer_id, purpose, at) DO UPDATE
    SET granted = excluded.granted, source = excluded.source, version = excluded.version,
        expires_at = excluded.expires_at
""")

_UPSERT_INTERACTIONS = text("""
    INSERT INTO profiles.interactions AS i (interaction_id, customer_id, occurred_at, document)
    SELECT d->>'interaction_id', d->>'customer_id', CAST(d->>'occurred_at' AS timestamptz), d
    FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS d
    ON CONFLICT (interaction_id) DO UPDATE SET occurred_at = excluded.occurred_at, document = excluded.document
    WHERE i.customer_id = excluded.customer_id
    RETURNING i.interaction_id
""")

_SET_ATTRIBUTES = text("""
    UPDATE profiles.customers AS c
    SET attributes = n.attributes, version = c.version + 1, updated_at = :now
    FROM jsonb_each(CAST(:documents AS jsonb)) AS n (customer_id, attributes)
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

#: Nobody waits for the disk: should this be lost, it is done again.
_CLEAR_INVALIDATIONS = text("""
    DELETE FROM profiles.invalidations AS i
    USING unnest(CAST(:ids AS text[]), CAST(:versions AS bigint[])) AS n (customer_id, version),
        (SELECT set_config('synchronous_commit', 'off', true)) AS hurry
    WHERE i.customer_id = n.customer_id AND i.version = n.version
""")


def upsert_customers() -> Insert:
    """Insert customers or replace all of their row but what the store derives."""
    kept = {"customer_id", "version", "attributes", "traits", "traits_until"}
    statement = insert(Customer)
    replaced = {column.name: column for column in statement.excluded if column.name not in kept}
    return statement.on_conflict_do_update(index_elements=["customer_id"], set_=replaced)


async def upsert_consents(connection: AsyncConnection, said: Sequence[tuple[str, ConsentStatement]]) -> None:
    """Add statements of customers; one about the same purpose at the same moment replaces the first."""
    rows = {
        (customer_id, statement.purpose, statement.at): statement.model_dump(mode="json")
        | {"customer_id": customer_id}
        for customer_id, statement in said
    }
    await connection.execute(_UPSERT_CONSENTS, {"rows": json.dumps(list(rows.values()))})


async def upsert_interactions(connection: AsyncConnection, interactions: Sequence[Interaction]) -> bool:
    """Add interactions or replace those of the same id.

    Returns:
        Whether all could be written: another customer's interaction is left as it is.
    """
    rows = {one.interaction_id: one.model_dump(mode="json") for one in interactions}
    owners = {(one.interaction_id, one.customer_id) for one in interactions}
    written = (
        await connection.execute(_UPSERT_INTERACTIONS, {"rows": json.dumps(list(rows.values()))})
    ).all()
    return len(written) == len(rows) == len(owners)


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
    connection: AsyncConnection, documents: dict[str, dict[str, Any]], now: datetime
) -> dict[str, int]:
    """Store derived attributes by customer; gives the new versions."""
    # One document, which the driver passes on faster than an array of them.
    given = {"documents": json.dumps(documents), "now": now}
    result = await connection.execute(_SET_ATTRIBUTES, given)
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
