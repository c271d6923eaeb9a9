"""Sealed values of traits that have moved are sealed anew, for the customer whose they are now."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Vault

_OF_OTHERS = text("""
    SELECT message_id, name, customer_id, sealed, sealed_for FROM profiles.traits
    WHERE customer_id = ANY (CAST(:customers AS text[])) AND sealed_for <> customer_id
    FOR UPDATE
""")
_SEAL = text("""
    UPDATE profiles.traits SET sealed = :sealed, sealed_for = :customer_id
    WHERE message_id = :message_id AND name = :name
""")


async def seal_for_owners(connection: AsyncConnection, vault: Vault, customer_ids: Collection[str]) -> None:
    """Let no value of these customers be sealed for another: it would be found as the other's, too, when that
    one's data is exported or erased."""
    rows = (await connection.execute(_OF_OTHERS, {"customers": list(customer_ids)})).all()
    for row in rows:
        value = vault.open(row.sealed_for, row.name, row.sealed)
        await connection.execute(
            _SEAL,
            {
                "message_id": row.message_id,
                "name": row.name,
                "customer_id": row.customer_id,
                "sealed": vault.seal(row.customer_id, row.name, value),
            },
        )
