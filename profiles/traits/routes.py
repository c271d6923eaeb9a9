"""What people may read of how a customer's attributes came to be what they are."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from sqlalchemy import select

from profiles.api_access import AdmittingRoute, GoldenId, Keep, Secrets, audited
from profiles.protocol import UnknownCustomer
from profiles.tables import Customer
from profiles.traits.declared import AttributeName
from profiles.traits.history import said_until, stretches
from profiles.traits.versions import schema_in_force


class Stretch(BaseModel):
    """A time during which one value counted: from `since` to the next one's."""

    since: datetime
    value: Any
    source: str | None
    expires_at: datetime | None
    licence: str | None


class History(BaseModel):
    """Of each attribute that anything was ever said about, oldest first."""

    customer_id: str
    schema_version: int
    attributes: dict[str, list[Stretch]]


def make_router() -> APIRouter:
    """The history of a customer's attributes."""
    router = APIRouter(route_class=AdmittingRoute)

    @router.get("/api/customer/{customer_id}/history", dependencies=[Depends(audited("history"))])
    async def history(
        customer_id: GoldenId,
        store: Keep,
        vault: Secrets,
        attribute: Annotated[AttributeName | None, Query()] = None,
    ) -> History:
        """What counted of each attribute since when and by whose word, sensitive values too; for people, audited."""
        now = datetime.now(UTC)
        async with store.engine.connect() as connection:
            if (
                await connection.scalar(select(Customer.version).where(Customer.customer_id == customer_id))
                is None
            ):
                raise UnknownCustomer(customer_id)
            schema = await schema_in_force(connection)
            said = await said_until(connection, customer_id, now)
        return History(
            customer_id=customer_id,
            schema_version=schema.version,
            attributes={
                one.name: [
                    Stretch.model_validate(vars(stretch))
                    for stretch in stretches(vault, schema, one, said[one.name], now)
                ]
                for one in schema.attributes
                if one.name in said and attribute in {None, one.name}
            },
        )

    return router
