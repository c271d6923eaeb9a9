"""The agents' list: those who wait before the others, the angry first, then who has waited longest."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from common.masking import mask
from web.agents.schemas import (
    AgentName,
    ConversationItem,
    ConversationList,
    Counts,
    LastMessage,
    Mood,
)
from web.chat.database import Database
from web.chat.ownership import Owner

#: Characters of the last message that the list shows.
_PREVIEW = 200

#: As the index `conversations_inbox` has it.
_PLACE = (
    "(CASE c.owner WHEN 'queued' THEN 0 WHEN 'closed' THEN 2 ELSE 1 END), (NOT c.angry), "
    "(coalesce(c.waiting_since, 'infinity'::timestamptz))"
)
_ORDER = f"{_PLACE}, c.updated_at DESC, c.id DESC"

_COLUMNS = """
    c.id, c.owner, c.epoch, c.agent_id, s.display_name AS agent_name, c.customer_id, c.customer_name, c.segment,
    c.mood, c.angry, c.intent, c.waiting_since, c.attention, c.updated_at, c.last_seq, c.created_at, c.outcome,
    m.role AS last_role, m.payload ->> 'text' AS last_text, m.created_at AS last_at
"""
_JOINS = """
    LEFT JOIN chat.staff AS s ON s.staff_id = c.agent_id
    LEFT JOIN LATERAL (
      SELECT role, payload, created_at FROM chat.events
      WHERE conversation_id = c.id AND type = 'message' ORDER BY seq DESC LIMIT 1) AS m ON true
"""
_ONE = text(f"SELECT {_COLUMNS} FROM chat.conversations AS c {_JOINS} WHERE c.id = :id")  # noqa: S608
_COUNTS = text("SELECT owner, count(*) AS number FROM chat.conversations GROUP BY owner")

# The last word may be unfinished. A search that means nothing (stop words only) finds nothing.
_SEARCH = """
    (c.customer_id = :text OR c.customer_name ILIKE :beginning OR c.id IN (
      SELECT e.conversation_id FROM chat.events AS e,
        (SELECT CAST(CASE WHEN q::text LIKE '%''' THEN q::text || ':*' ELSE q::text END AS tsquery) AS words
         FROM websearch_to_tsquery('english', :text) AS q) AS wanted
      WHERE e.type = 'message' AND to_tsvector('english'::regconfig, e.payload ->> 'text') @@ wanted.words))
"""


class CursorUnreadable(ValueError):
    """This cursor was not made here."""


@dataclass(frozen=True)
class Filters:
    """Null: whatever it is. `agent_id`: only conversations that this person has now."""

    owner: Owner | None = None
    mood: Mood | None = None
    segment: str | None = None
    intent: str | None = None
    text: str | None = None
    agent_id: UUID | None = None


class Inbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, filters: Filters, cursor: str | None, limit: int) -> ConversationList:
        """Up to `limit` conversations after the place that `cursor` names.

        Raises:
            CursorUnreadable
        """
        conditions, values = _conditions(filters)
        if cursor is not None:
            values |= _read_cursor(cursor)
            place = "(:rank, :calm, CAST(:waiting AS timestamptz))"
            conditions += [
                f"({_PLACE}) >= {place}",
                f"(({_PLACE}) > {place} OR (c.updated_at, c.id) < (:updated_at, :id))",
            ]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        chosen = f"SELECT c.* FROM chat.conversations AS c {where} ORDER BY {_ORDER} LIMIT :limit"  # noqa: S608
        statement = text(f"SELECT {_COLUMNS} FROM ({chosen}) AS c {_JOINS} ORDER BY {_ORDER}")  # noqa: S608
        rows, counts = await self._read(statement, {**values, "limit": limit + 1})
        shown = rows[:limit]
        return ConversationList(
            conversations=[item(row) for row in shown],
            counts=counts,
            next_cursor=_cursor(shown[-1]) if len(rows) > limit else None,
        )

    async def row(self, conversation_id: UUID) -> Row[Any] | None:
        """One conversation with all that `item` needs."""

        async def work(connection: AsyncConnection) -> Row[Any] | None:
            return (await connection.execute(_ONE, {"id": conversation_id})).one_or_none()

        return await self._database.run(work)

    async def _read(self, statement: TextClause, values: dict[str, Any]) -> tuple[list[Row[Any]], Counts]:
        async def work(connection: AsyncConnection) -> tuple[list[Row[Any]], Counts]:
            rows = list(await connection.execute(statement, values))
            numbers = {row.owner: row.number for row in await connection.execute(_COUNTS)}
            return rows, Counts(**{owner.value: numbers.get(owner.value, 0) for owner in Owner})

        return await self._database.run(work)


def item(row: Row[Any]) -> ConversationItem:
    """A line of the list. The last message is there to recognise the conversation: personal data is masked."""
    last = None
    if row.last_at is not None:
        shown = mask((row.last_text or "")[: 2 * _PREVIEW])[:_PREVIEW]
        last = LastMessage(role=row.last_role, text=shown, at=row.last_at)
    agent = None
    if row.agent_id is not None and row.owner in (Owner.AGENT, Owner.CLOSED):
        agent = AgentName(staff_id=row.agent_id, display_name=row.agent_name)
    return ConversationItem(
        conversation_id=row.id,
        owner=Owner(row.owner),
        epoch=row.epoch,
        agent=agent,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        segment=row.segment,
        mood=row.mood,
        angry=row.angry,
        intent=row.intent,
        last_message=last,
        waiting_since=row.waiting_since,
        attention=row.attention,
        updated_at=row.updated_at,
        last_seq=row.last_seq,
    )


def _conditions(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for name in ("owner", "mood", "segment", "intent", "agent_id"):
        value = getattr(filters, name)
        if value is not None:
            conditions.append(f"c.{name} = :{name}")
            values[name] = value
    if filters.agent_id is not None:
        conditions.append("c.owner = 'agent'")
    if filters.text is not None:
        wanted = filters.text.strip()
        begins = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(_SEARCH)
        values |= {"text": wanted, "beginning": f"{begins}%"}
    return conditions, values


def _cursor(row: Row[Any]) -> str:
    rank = {Owner.QUEUED: 0, Owner.CLOSED: 2}.get(Owner(row.owner), 1)
    waiting = row.waiting_since.astimezone(UTC).isoformat() if row.waiting_since else "infinity"
    place = [rank, not row.angry, waiting, row.updated_at.astimezone(UTC).isoformat(), str(row.id)]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _read_cursor(cursor: str) -> dict[str, Any]:
    try:
        rank, calm, waiting, updated_at, conversation_id = json.loads(base64.urlsafe_b64decode(cursor))
        return {
            "rank": int(rank),
            "calm": bool(calm),
            "waiting": "infinity" if waiting == "infinity" else datetime.fromisoformat(waiting).isoformat(),
            "updated_at": datetime.fromisoformat(updated_at),
            "id": UUID(conversation_id),
        }
    except (ValueError, TypeError) as error:
        raise CursorUnreadable from error
