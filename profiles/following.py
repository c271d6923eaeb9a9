"""What each write of a customer ends with: derived attributes, segments, a new version, and the cache to be told."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles import statements
from profiles.activity import Activity, activity_of
from profiles.attributes import current
from profiles.cache import Change
from profiles.derived import derive
from profiles.protocol import Interaction
from profiles.segments import Segments
from profiles.traits.versions import schema_in_force

#: Without their summaries, from which nothing follows.
_CONTACTS = text("""
    SELECT customer_id, document - 'summary' AS document
    FROM profiles.interactions WHERE customer_id = ANY (CAST(:ids AS text[]))
""")
_CUSTOMERS = text("""
    SELECT customer_id, facts, facts_at, signed_up_at, attributes, traits, traits_until, first_name, tier,
        preferred_channel,
        ARRAY(SELECT segment FROM profiles.memberships AS m WHERE m.customer_id = c.customer_id) AS segments
    FROM profiles.customers AS c WHERE customer_id = ANY (CAST(:ids AS text[]))
""")


async def follow_up(
    connection: AsyncConnection,
    segments: Segments,
    customer_ids: Sequence[str],
    now: datetime,
    *,
    forget_stale: bool,
    if_changed: Collection[str] = (),
) -> list[Change]:
    """Bring what follows from the rows of customers up to date, in the transaction that changed these rows.

    Args:
        forget_stale: the stale copies may not be shown any more either.
        if_changed: those of the customers who get a new version only if derived attributes or segments change.
    """
    if not customer_ids:
        return []
    asked = {"ids": list(customer_ids)}
    contacts: dict[str, list[Interaction]] = defaultdict(list)
    for row in (await connection.execute(_CONTACTS, asked)).all():
        contacts[row.customer_id].append(Interaction.model_validate(row.document))
    activity = await activity_of(connection, customer_ids, now.date())
    schema = await schema_in_force(connection)
    documents: dict[str, dict[str, Any]] = {}
    moved: list[str] = []
    members: list[tuple[str, str]] = []
    for row in (await connection.execute(_CUSTOMERS, asked)).all():
        stored = derive(
            row.facts,
            row.facts_at,
            row.signed_up_at,
            interactions=contacts[row.customer_id],
            activity=activity.get(row.customer_id, Activity()),
            now=now,
        )
        attributes = current(
            schema,
            stored,
            row.traits,
            row.traits_until,
            first_name=row.first_name,
            tier=row.tier,
            preferred_channel=row.preferred_channel,
            now=now,
        )
        found = segments.of(attributes)
        same = stored == row.attributes and set(found) == set(row.segments)
        if same and row.customer_id in if_changed:
            continue
        documents[row.customer_id] = stored
        if set(found) != set(row.segments):
            moved.append(row.customer_id)
            members += [(row.customer_id, segment) for segment in found]
    if not documents:
        return []
    versions = await statements.set_attributes(connection, documents, now)
    if moved:
        await statements.set_memberships(connection, moved, members, now)
    changes = [Change(customer_id, version, forget_stale) for customer_id, version in versions.items()]
    await statements.note_invalidations(connection, changes)
    return changes
