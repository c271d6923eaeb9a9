"""The audit log: who looked at what and did what, when and why. Entries are only ever added."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from web.agents.tables import audit
from web.chat.database import Database

#: A look that goes on is written again after so long; a page is read anew at each word of a conversation.
ONE_LOOK = timedelta(minutes=15)


class Action(StrEnum):
    """What is written down."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    READ_TRANSCRIPT = "read_transcript"
    READ_CUSTOMER = "read_customer"
    TAKE = "take"
    REPLY = "reply"
    NOTE = "note"
    HAND_BACK = "hand_back"
    CLOSE = "close"
    MARK = "mark"
    UNMARK = "unmark"
    STAFF_ADDED = "staff_added"
    STAFF_DISABLED = "staff_disabled"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (an action, no password)


@dataclass(frozen=True)
class Entry:
    """One line of the log; `who` is the name of then, should the account be renamed."""

    who: str
    action: Action
    staff_id: UUID | None = None
    conversation_id: UUID | None = None
    customer_id: str | None = None
    reason: str | None = None

    def values(self) -> dict[str, Any]:
        return {
            "who": self.who,
            "action": self.action.value,
            "staff_id": self.staff_id,
            "conversation_id": self.conversation_id,
            "customer_id": self.customer_id,
            "reason": self.reason,
        }


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, entry: Entry) -> None:
        """Raises: DatabaseUnavailable: then nothing may be shown or done."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(audit).values(**entry.values()))

        await self._database.run(work)

    async def look(self, entry: Entry) -> None:
        """Write a look, unless the same person's at the same for the same reason was written within `ONE_LOOK`.

        Raises: DatabaseUnavailable: then nothing may be shown.
        """
        values = entry.values()
        same = [audit.c[name].is_not_distinct_from(value) for name, value in values.items()]
        goes_on = select(audit.c.id).where(audit.c.at > func.now() - ONE_LOOK, *same).exists()
        row = select(*(literal(value, audit.c[name].type) for name, value in values.items())).where(~goes_on)

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(insert(audit).from_select(list(values), row))

        await self._database.run(work)
