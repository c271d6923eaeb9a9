"""Clients: who may get tokens, with which role; their secrets are kept as hashes."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.keys import Role, key_hash
from profiles.security.tables import Client

#: Of the secret's random part. Bytes.
SECRET_BYTES = 32


@dataclass(frozen=True)
class KnownClient:
    """A client as it is kept."""

    client_id: str
    role: Role
    customer_id: str | None
    secret_hash: bytes
    created_at: datetime
    revoked_at: datetime | None


async def add_client(connection: AsyncConnection, client_id: str, role: Role, customer_id: str | None) -> str:
    """Add a client.

    Returns:
        Its secret, which can't be read again.

    Raises:
        sqlalchemy.exc.IntegrityError: the id is taken, or a customer is missing or too many.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    await connection.execute(
        insert(Client).values(
            client_id=client_id, role=role, customer_id=customer_id, secret_hash=key_hash(secret)
        )
    )
    return secret


async def revoke_client(connection: AsyncConnection, client_id: str) -> bool:
    """End a client for good. Gives whether there was one to end."""
    statement = update(Client).where(Client.client_id == client_id, Client.revoked_at.is_(None))
    revoked = await connection.execute(
        statement.values(revoked_at=datetime.now(UTC)).returning(Client.client_id)
    )
    return revoked.one_or_none() is not None


async def find_client(connection: AsyncConnection, client_id: str) -> KnownClient | None:
    """The client of this id, revoked or not."""
    row = (await connection.execute(_QUERY.where(Client.client_id == client_id))).one_or_none()
    return None if row is None else KnownClient(**row._mapping)


async def all_clients(connection: AsyncConnection) -> list[KnownClient]:
    """All clients by their ids."""
    rows = (await connection.execute(_QUERY.order_by(Client.client_id))).all()
    return [KnownClient(**row._mapping) for row in rows]


_QUERY = select(
    Client.client_id,
    Client.role,
    Client.customer_id,
    Client.secret_hash,
    Client.created_at,
    Client.revoked_at,
)
