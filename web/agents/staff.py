"""Accounts of staff, and their sessions."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from web.agents.schemas import StaffMember, StaffRole
from web.agents.tables import staff, staff_sessions
from web.chat.database import Database
from web.chat.ownership import Owner
from web.chat.tables import conversations

#: A working day with some overtime; whoever has signed in once a day has a session for all of it.
SESSION_LIFETIME = timedelta(hours=12)


class NameTaken(Exception):
    """There is an account of this name already."""


class StaffUnknown(Exception):
    """There is no account of this name."""


@dataclass(frozen=True)
class Account:
    """A person who works here. `name` is what they sign in with, `display_name` what customers read."""

    staff_id: UUID
    name: str
    display_name: str
    role: StaffRole
    is_disabled: bool = False

    def public(self) -> StaffMember:
        return StaffMember(
            staff_id=self.staff_id, name=self.name, display_name=self.display_name, role=self.role
        )


@dataclass(frozen=True)
class NewSession:
    token: str
    expires_at: datetime


class StaffRecords:
    """Accounts and sessions in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, display_name: str, role: StaffRole, password_hash: str) -> Account:
        """
        Raises:
            NameTaken
        """
        account = Account(uuid4(), name, display_name, role)
        statement = (
            upsert(staff)
            .values(
                staff_id=account.staff_id,
                name=name,
                display_name=display_name,
                role=role,
                password_hash=password_hash,
            )
            # The statement may run twice: the second time it finds the account of the first.
            .on_conflict_do_update(
                index_elements=["name"],
                set_={"name": name},
                where=staff.c.staff_id == account.staff_id,
            )
            .returning(staff.c.staff_id)
        )

        async def work(connection: AsyncConnection) -> UUID | None:
            found: UUID | None = (await connection.execute(statement)).scalar_one_or_none()
            return found

        if await self._database.run(work) is None:
            raise NameTaken(name)
        return account

    async def all(self) -> list[Account]:
        async def work(connection: AsyncConnection) -> list[Account]:
            return [_account(row) for row in await connection.execute(select(staff).order_by(staff.c.name))]

        return await self._database.run(work)

    async def find(self, name: str) -> tuple[Account, str] | None:
        """The account of this name and the hash of its password."""

        async def work(connection: AsyncConnection) -> Row[Any] | None:
            return (await connection.execute(select(staff).where(staff.c.name == name))).one_or_none()

        row = await self._database.run(work)
        return (_account(row), row.password_hash) if row is not None else None

    async def set_password(self, staff_id: UUID, password_hash: str) -> None:
        """Replace the hash; sessions go on."""
        await self._change(staff_id, password_hash=password_hash)

    async def disable(self, staff_id: UUID) -> None:
        """The account opens nothing any more; what it did stays in its name."""
        await self._change(staff_id, disabled_at=func.now())
        await self.end_sessions(staff_id)

    async def has_now(self, staff_id: UUID) -> list[UUID]:
        """The conversations that this person has."""
        chosen = select(conversations.c.id).where(
            conversations.c.agent_id == staff_id, conversations.c.owner == Owner.AGENT
        )

        async def work(connection: AsyncConnection) -> list[UUID]:
            return list((await connection.scalars(chosen)).all())

        return await self._database.run(work)

    async def end_sessions(self, staff_id: UUID) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(delete(staff_sessions).where(staff_sessions.c.staff_id == staff_id))

        await self._database.run(work)

    async def begin_session(self, staff_id: UUID) -> NewSession:
        """A new session; those that have expired are cleared away."""
        session = NewSession(secrets.token_urlsafe(32), datetime.now(UTC) + SESSION_LIFETIME)
        values = {
            "token_hash": _hash(session.token),
            "staff_id": staff_id,
            "expires_at": session.expires_at,
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(upsert(staff_sessions).values(**values).on_conflict_do_nothing())
            await connection.execute(delete(staff_sessions).where(staff_sessions.c.expires_at <= func.now()))

        await self._database.run(work)
        return session

    async def of_session(self, token: str) -> tuple[Account, datetime] | None:
        """Whose token this is, and until when; null when it is not known, expired or its account disabled."""
        chosen = (
            select(staff, staff_sessions.c.expires_at)
            .join(staff_sessions, staff_sessions.c.staff_id == staff.c.staff_id)
            .where(
                staff_sessions.c.token_hash == _hash(token),
                staff_sessions.c.expires_at > func.now(),
                staff.c.disabled_at.is_(None),
            )
        )

        async def work(connection: AsyncConnection) -> Row[Any] | None:
            return (await connection.execute(chosen)).one_or_none()

        row = await self._database.run(work)
        return (_account(row), row.expires_at) if row is not None else None

    async def end_session(self, token: str) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(
                delete(staff_sessions).where(staff_sessions.c.token_hash == _hash(token))
            )

        await self._database.run(work)

    async def _change(self, staff_id: UUID, **values: Any) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(staff).where(staff.c.staff_id == staff_id).values(**values))

        await self._database.run(work)


def _account(row: Row[Any]) -> Account:
    role = cast(StaffRole, row.role)
    return Account(row.staff_id, row.name, row.display_name, role, row.disabled_at is not None)


def _hash(token: str) -> bytes:
    # Tokens are long and random: one round is enough.
    return hashlib.sha256(token.encode()).digest()
