"""What a purpose may see of customers: their rows, consent and segments, read for many at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.attributes import current, next_expiry, visible
from profiles.consent import in_force, next_change
from profiles.protocol import CustomerView, Purpose
from profiles.records import ConsentStatement
from profiles.segments import Segments
from profiles.tables import Consent, Customer, Membership
from profiles.traits.versions import HIGHEST, published

_READ = select(
    Customer.customer_id,
    Customer.version,
    Customer.first_name,
    Customer.tier,
    Customer.preferred_channel,
    Customer.attributes,
    Customer.traits,
    Customer.traits_until,
    select(func.jsonb_agg(func.to_jsonb(literal_column("consents"))))
    .where(Consent.customer_id == Customer.customer_id)
    .scalar_subquery()
    .label("consents"),
    func.array(
        select(Membership.segment).where(Membership.customer_id == Customer.customer_id).scalar_subquery()
    ).label("segments"),
    *HIGHEST,
)


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
    # One statement: each way to the database costs more than what is read by it.
    rows = (await connection.execute(_READ.where(Customer.customer_id.in_(customer_ids)))).all()
    if not rows:
        return {}
    schema = await published(connection, rows[0].schema_version, rows[0].schema_published_at)
    views = {}
    for row in rows:
        said = [ConsentStatement.model_validate(one) for one in row.consents or ()]
        consent = in_force(said, now)
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
        of_segments = segments.in_order(set(row.segments))
        view = CustomerView(
            customer_id=row.customer_id,
            version=row.version,
            purpose=purpose,
            consent=consent,
            attributes=visible(schema, attributes, of_segments, purpose) if consent[purpose] else {},
        )
        ends = [next_change(said, now), next_expiry(row.traits_until, now)]
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
