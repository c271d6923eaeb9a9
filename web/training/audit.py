"""Who did what when. Entries are only ever added."""

import json

from sqlalchemy import column, select, table
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from web.chat.database import Database
from web.training import tables
from web.training.shapes import AuditEntry

_ADD = sql("INSERT INTO training.audit (who, what, details) VALUES (:who, :what, CAST(:details AS jsonb))")


_STAFF = table("staff", column("staff_id"), column("display_name"), schema="chat")


class Audit:
    """The log of the trainers' acts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, who: str, what: str, **details: object) -> None:
        """Say that `who` did something; `details` are ids, names and numbers, never a customer's words."""
        values = {"who": who, "what": what, "details": json.dumps(details, default=str)}

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_ADD, values)

        await self._database.run(work)

    async def newest(self, limit: int) -> tuple[AuditEntry, ...]:
        """The newest entries, the newest first."""
        chosen = select(tables.audit).order_by(tables.audit.c.id.desc()).limit(limit)

        async def work(connection: AsyncConnection) -> tuple[AuditEntry, ...]:
            found = await connection.execute(chosen)
            return tuple(AuditEntry(row.at, row.who, row.what, row.details) for row in found)

        return await self._database.run(work)

    async def names(self) -> dict[str, str]:
        """What everybody of the staff is called, by the id under which they act."""

        async def work(connection: AsyncConnection) -> dict[str, str]:
            found = await connection.execute(select(_STAFF))
            return {str(row.staff_id): row.display_name for row in found}

        return await self._database.run(work)
