"""What agents write: replies to the customer and notes for colleagues. Each is in the audit log or not kept."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import bindparam

from web.agents.audit import Action
from web.agents.staff import Account
from web.chat.database import Database
from web.chat.events import Event
from web.chat.records import ConversationUnknown
from web.chat.tables import events

# Only who owns the conversation at this moment can answer: the condition and the writing are one statement.
_STORE_REPLY = text(
    """
    WITH conversation AS (
      UPDATE chat.conversations SET last_seq = last_seq + 1, updated_at = now(), waiting_since = NULL
      WHERE id = :id AND owner = 'agent' AND agent_id = :staff_id AND NOT EXISTS (
        SELECT FROM chat.events WHERE conversation_id = :id AND client_id = :client_id)
      RETURNING id, last_seq, customer_id
    ), audit AS (
      INSERT INTO chat.audit (who, action, staff_id, conversation_id, customer_id)
      SELECT :who, :action, :staff_id, id, customer_id FROM conversation
    )
    INSERT INTO chat.events (conversation_id, seq, type, role, payload, client_id)
    SELECT id, last_seq, 'message', 'agent', :payload, :client_id FROM conversation
    RETURNING seq, created_at AS at
    """
).bindparams(bindparam("payload", type_=JSONB()))

_ADD_NOTE = text(
    """
    WITH conversation AS (
      SELECT id, customer_id FROM chat.conversations WHERE id = :id
    ), note AS (
      INSERT INTO chat.notes (note_id, conversation_id, staff_id, text)
      SELECT :note_id, id, :staff_id, :text FROM conversation
      ON CONFLICT (note_id) DO UPDATE SET text = excluded.text RETURNING created_at
    ), audit AS (
      INSERT INTO chat.audit (who, action, staff_id, conversation_id, customer_id)
      SELECT :who, :action, :staff_id, id, customer_id FROM conversation
    )
    SELECT created_at FROM note
    """
)


class NotYours(Exception):
    """Somebody else, or nobody, has this conversation."""


class Writing:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def reply(
        self, conversation_id: UUID, account: Account, message: str, client_id: str
    ) -> tuple[Event, bool]:
        """Keep a message of the agent who owns the conversation, and whether it is new.

        Raises:
            NotYours
        """
        # A name space of its own: a customer's id can't stand in the way of an agent's.
        own_id = f"agent:{account.staff_id}:{client_id}"
        payload = {"text": message, "agent": account.display_name}
        values = {
            "id": conversation_id,
            "staff_id": account.staff_id,
            "who": account.name,
            "action": Action.REPLY.value,
            "client_id": own_id,
            "payload": payload,
        }
        before = select(events).where(
            events.c.conversation_id == conversation_id, events.c.client_id == own_id
        )

        async def work(connection: AsyncConnection) -> tuple[Event, bool]:
            try:
                row = (await connection.execute(_STORE_REPLY, values)).one_or_none()
            except IntegrityError:  # the same message twice at the same moment
                row = None
            if row is not None:
                return Event(row.seq, "message", "agent", payload, row.at, own_id), True
            kept = (await connection.execute(before)).one_or_none()
            if kept is None:
                raise NotYours
            return Event(kept.seq, "message", "agent", kept.payload, kept.created_at, own_id), False

        return await self._database.run(work)

    async def note(self, conversation_id: UUID, account: Account, note: str) -> tuple[UUID, datetime]:
        """Keep a note; its id and time.

        Raises:
            ConversationUnknown
        """
        note_id = uuid4()
        values: dict[str, Any] = {
            "id": conversation_id,
            "note_id": note_id,
            "staff_id": account.staff_id,
            "who": account.name,
            "action": Action.NOTE.value,
            "text": note,
        }

        async def work(connection: AsyncConnection) -> datetime | None:
            return (await connection.execute(_ADD_NOTE, values)).scalar_one_or_none()

        at = await self._database.run(work)
        if at is None:
            raise ConversationUnknown
        return note_id, at
