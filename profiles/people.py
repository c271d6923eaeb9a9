"""What only people may read."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from profiles.crypto import Indexed, Vault
from profiles.protocol import UnknownCustomer
from profiles.tables import Customer, StoredInteraction

#: How many of the newest contacts people are shown.
CONTACTS = 20

_INDEXES = {"email": Customer.email_index, "phone": Customer.phone_index}


async def details(engine: AsyncEngine, vault: Vault, customer_id: str) -> dict[str, Any]:
    """The sensitive fields, opened, and the newest contacts.

    Raises:
        UnknownCustomer
        crypto.Unreadable: a field was not sealed with this key.
    """
    async with engine.connect() as connection:
        query = select(Customer).where(Customer.customer_id == customer_id)
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise UnknownCustomer(customer_id)
        contacts = (
            select(StoredInteraction.document)
            .where(StoredInteraction.customer_id == customer_id)
            .order_by(StoredInteraction.occurred_at.desc())
            .limit(CONTACTS)
        )
        interactions = list((await connection.scalars(contacts)).all())
    sealed = {
        "last_name": row.last_name,
        "email": row.email,
        "phone": row.phone,
        "address": row.address,
        "birth_date": row.birth_date,
    }
    opened: dict[str, Any] = {
        field: None if value is None else vault.open(customer_id, field, value)
        for field, value in sealed.items()
    }
    if opened["address"] is not None:
        opened["address"] = json.loads(opened["address"])
    return {
        "customer_id": customer_id,
        "first_name": row.first_name,
        **opened,
        "interactions": interactions,
    }


async def find(engine: AsyncEngine, vault: Vault, field: Indexed, value: str) -> list[str]:
    """The ids of the customers with this e-mail address or phone number, however it is spelt."""
    query = select(Customer.customer_id).where(_INDEXES[field] == vault.blind_index(field, value))
    async with engine.connect() as connection:
        return list((await connection.scalars(query.order_by(Customer.customer_id))).all())
