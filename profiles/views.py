"""What a purpose may see of customers: their rows, consent and segments, read for many at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.attributes import current, next_expiry, visible
from profiles.consent import in_force, next_change
from profiles.protocol import CustomerView, Purpose
from profiles.records import ConsentStatement
from profiles.segments import Segments
from profiles.tables import Consent, Customer, Membership
from profiles.traits.versions import HIGHEST, published


@dataclass(frozen=True)
class ReadView:
    """A view, and until when it stays as it is if nothing is written."""

    view: CustomerView
    until: datetime


async def read_views(
    connection: AsyncConnection,
    segments: Segments,
    customer_ids: Sequence[str],
    purpose: Purpose,
    now: datetime,
) -> dict[str, ReadView]:
    """The customers as `purpose` may see them at `now`, consent and its expiry applied; those that exist."""
    # The version first: whatever is read after it is at least as new.
    query = select(Customer, *HIGHEST).where(Customer.customer_id.in_(customer_ids))
    rows = (await connection.execute(query)).all()
    if not rows:
        return {}
    found = [row.customer_id for row in rows]
    said = await statements_of(connection, found)
    names: dict[str, set[str]] = defaultdict(set)
    members = select(Membership.customer_id, Membership.segment).where(Membership.customer_id.in_(found))
    for member in (await connection.execute(members)).all():
        names[member.customer_id].add(member.segment)
    schema = await published(connection, rows[0].schema_version, rows[0].schema_published_at)
    views = {}
    for row in rows:
        consent = in_force(said[row.customer_id], now)
        attributes = current(
            schema,
            row.attributes,
            row.traits,
            row.traits_until,
            first_name=row.first_name,
            tier=row.tier,
            preferred_channel=row.preferred_channel,
            now=now,
        )
        of_segments = segments.in_order(names[row.customer_id])
        view = CustomerView(
            customer_id=row.customer_id,
            version=row.version,
            purpose=purpose,
            consent=consent,
            attributes=visible(schema, attributes, of_segments, purpose) if consent[purpose] else {},
        )
        ends = [next_change(said[row.customer_id], now), next_expiry(row.traits_until, now)]
        views[row.customer_id] = ReadView(view, min(end for end in ends if end is not None))
    return views


async def statements_of(
    connection: AsyncConnection, customer_ids: Sequence[str]
) -> dict[str, list[ConsentStatement]]:
    """What each of the customers has said about purposes; a customer who said nothing has an empty list."""
    said: dict[str, list[ConsentStatement]] = defaultdict(list)
    query = select(Consent).where(Consent.customer_id.in_(customer_ids))
    for row in (await connection.execute(query)).mappings():
        said[row["customer_id"]].append(ConsentStatement.model_validate(dict(row)))
    return said
