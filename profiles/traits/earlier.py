"""The customer as they were: what a view would have shown at a time, by what is known today about that time."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.activity import activity_then
from profiles.attributes import current, visible
from profiles.consent import in_force
from profiles.derived import derive
from profiles.protocol import CustomerView, Interaction, Purpose, UnknownCustomer
from profiles.records import ConsentStatement
from profiles.segments import Segments
from profiles.tables import Consent, Customer, StoredInteraction
from profiles.traits.history import said_until
from profiles.traits.settle import NEVER
from profiles.traits.versions import schema_in_force
from profiles.traits.winners import winner


class EarlierView(CustomerView):
    """A view of an earlier time: the version, the consent and the rules of segments are those of now."""

    at: datetime


async def view_at(
    connection: AsyncConnection, segments: Segments, customer_id: str, purpose: Purpose, at: datetime
) -> EarlierView:
    """The customer as they were at `at`, as `purpose` may see them now; without attributes before they were one.

    Raises:
        UnknownCustomer
    """
    query = select(Customer).where(Customer.customer_id == customer_id)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise UnknownCustomer(customer_id)
    statements = (
        await connection.execute(select(Consent).where(Consent.customer_id == customer_id))
    ).mappings()
    said = [ConsentStatement.model_validate(dict(one)) for one in statements]
    consent = in_force(said, datetime.now(UTC))
    attributes: dict[str, Any] = {}
    if consent[purpose]:
        attributes = await _attributes(connection, segments, row, purpose, at)
    return EarlierView(
        customer_id=customer_id,
        version=row.version,
        purpose=purpose,
        consent=consent,
        attributes=attributes,
        at=at,
    )


async def _attributes(
    connection: AsyncConnection, segments: Segments, row: Any, purpose: Purpose, at: datetime
) -> dict[str, Any]:
    schema = await schema_in_force(connection)
    said = await said_until(connection, row.customer_id, at)
    counted = {
        attribute.name: won
        for attribute in schema.attributes
        if (won := winner(schema, attribute, said.get(attribute.name, []), at)) is not None
    }
    values = {name: won.value for name, won in counted.items() if won.sealed is None}
    signed_up_at = row.signed_up_at
    if "signed_up_at" in values:
        signed_up_at = datetime.fromisoformat(values["signed_up_at"])
    if signed_up_at > at:
        return {}
    facts = counted.get("facts")
    facts_at = facts.at if facts else NEVER
    contacts = select(StoredInteraction.document).where(
        StoredInteraction.customer_id == row.customer_id, StoredInteraction.occurred_at <= at
    )
    interactions = [Interaction.model_validate(one) for one in (await connection.scalars(contacts)).all()]
    activity = await activity_then(connection, row.customer_id, facts_at, at)
    stored = derive(
        facts.value if facts else {},
        facts_at,
        signed_up_at,
        interactions=interactions,
        activity=activity,
        now=at,
    )
    seen = current(
        schema,
        stored,
        {name: value for name, value in values.items() if schema.by_name[name].held == "dynamic"},
        {},
        first_name=values.get("first_name"),
        tier=values.get("tier", "standard"),
        preferred_channel=values.get("preferred_channel"),
        now=at,
    )
    return visible(schema, seen, segments.of(seen), purpose)
