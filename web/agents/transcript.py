"""What is stored of one conversation, as agents read it."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from web.agents import words
from web.agents.schemas import Mark, Note, OpenForm, TranscriptEvent, TurnView
from web.agents.tables import marks, notes, staff
from web.chat import explain
from web.chat.database import Database
from web.chat.ownership import Owner
from web.chat.tables import events, turns

#: The newest events that are shown.
LIMIT = 500
_OUT_OF_SCOPE = frozenset({"out_of_scope", "nlu_fallback"})


@dataclass(frozen=True)
class Transcript:
    """The newest `LIMIT` events of a conversation, oldest first, with the turns and remarks that go with them."""

    events: list[Row[Any]]
    turns: list[Row[Any]]
    marks: list[Row[Any]]
    notes: list[Row[Any]]


class Transcripts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, conversation_id: UUID) -> Transcript:
        newest = (
            select(events)
            .where(events.c.conversation_id == conversation_id)
            .order_by(events.c.seq.desc())
            .limit(LIMIT)
        )
        of_bot = (
            select(turns)
            .where(turns.c.conversation_id == conversation_id)
            .order_by(turns.c.seq.desc())
            .limit(LIMIT)
        )
        marked = (
            select(marks, staff.c.display_name).join(staff).where(marks.c.conversation_id == conversation_id)
        )
        noted = (
            select(notes, staff.c.display_name)
            .join(staff)
            .where(notes.c.conversation_id == conversation_id)
            .order_by(notes.c.created_at)
        )

        async def work(connection: AsyncConnection) -> Transcript:
            return Transcript(
                events=list(await connection.execute(newest))[::-1],
                turns=list(await connection.execute(of_bot))[::-1],
                marks=list(await connection.execute(marked)),
                notes=list(await connection.execute(noted)),
            )

        return await self._database.run(work)

    async def turn_seq(self, conversation_id: UUID, seq: int) -> int | None:
        """The customer's message to which the event `seq` belongs: itself, or the one that it answers."""
        chosen = (
            select(func.coalesce(turns.c.seq, events.c.seq).label("seq"), events.c.role, turns.c.command)
            .join(turns, turns.c.turn_id == events.c.turn_id, isouter=True)
            .where(events.c.conversation_id == conversation_id, events.c.seq == seq)
        )

        async def work(connection: AsyncConnection) -> int | None:
            row = (await connection.execute(chosen)).one_or_none()
            if row is None or row.seq == 0 or row.command is not None:
                return None
            return cast(int, row.seq) if row.role in ("customer", "bot") else None

        return await self._database.run(work)

    async def mark(
        self, conversation_id: UUID, seq: int, staff_id: UUID, intent: str | None, comment: str | None
    ) -> None:
        """Note that the customer's message `seq` was misread; a later mark takes the place of an earlier one."""
        said = {"staff_id": staff_id, "intent": intent, "comment": comment}
        statement = (
            upsert(marks)
            .values(conversation_id=conversation_id, seq=seq, **said)
            .on_conflict_do_update(
                index_elements=["conversation_id", "seq"], set_={**said, "created_at": func.now()}
            )
        )

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statement)

        await self._database.run(work)

    async def unmark(self, conversation_id: UUID, seq: int) -> bool:
        """Whether there was a mark."""
        statement = (
            marks.delete()
            .where(marks.c.conversation_id == conversation_id, marks.c.seq == seq)
            .returning(marks.c.seq)
        )

        async def work(connection: AsyncConnection) -> bool:
            return (await connection.execute(statement)).one_or_none() is not None

        return await self._database.run(work)


def shown_events(transcript: Transcript) -> list[TranscriptEvent]:
    """The events with what the assistant made of each message."""
    marked = {row.seq: _mark(row) for row in transcript.marks}
    views = {row.turn_id: _turn_view(row, marked.get(row.seq)) for row in transcript.turns}
    return [_event(row, views.get(row.turn_id), marked.get(row.seq)) for row in transcript.events]


def shown_notes(transcript: Transcript) -> list[Note]:
    return [
        Note(note_id=row.note_id, author=row.display_name, text=row.text, at=row.created_at)
        for row in transcript.notes
    ]


def open_form(transcript: Transcript) -> OpenForm | None:
    """What the assistant was doing with the customer at the last turn that it finished."""
    last = next((row for row in reversed(transcript.turns) if row.status == "answered"), None)
    form = (last.decision or {}).get("form") if last is not None else None
    if not isinstance(form, dict) or not form.get("intent"):
        return None
    return OpenForm.model_validate(
        {"title": words.plain(form["intent"]), "filled": [], "missing": [], **form}
    )


def _event(row: Row[Any], turn: TurnView | None, mark: Mark | None) -> TranscriptEvent:
    payload = row.payload
    if turn is None and mark is not None:
        turn = _unread(row.seq, mark)
    return TranscriptEvent(
        seq=row.seq,
        type=row.type,
        role=row.role,
        text=payload.get("text") or (_owner_line(payload) if row.type == "owner" else ""),
        at=row.created_at,
        agent_name=payload.get("agent"),
        owner=payload.get("owner"),
        kind=payload.get("kind"),
        cards=payload.get("cards"),
        quick_replies=[offered["title"] for offered in payload.get("quick_replies", [])] or None,
        turn=turn,
    )


def _owner_line(payload: dict[str, Any]) -> str:
    who = payload.get("agent") or "An agent"
    match payload.get("owner"):
        case Owner.QUEUED:
            reason = payload.get("reason")
            return f"Waits for an agent: {words.attention(str(reason))}." if reason else "Waits for an agent."
        case Owner.AGENT:
            return f"{who} has taken over."
        case Owner.BOT:
            return f"{who} has handed back to the assistant."
        case _:
            return f"{who} has closed the conversation."


def _turn_view(row: Row[Any], marked: Mark | None) -> TurnView:
    document = explain.why(dict(row._mapping))
    parse = row.parse or {}
    intent = document["intent"]
    replies = document["replies"]
    return TurnView(
        seq=row.seq,
        status=row.status,
        intent=intent,
        confidence=document["confidence"],
        in_scope=intent not in _OUT_OF_SCOPE if intent and row.command is None else None,
        mood=document["mood"],
        alternatives=parse.get("alternatives") or _next_best(document["intent_ranking"], intent),
        entities=document["entities"],
        plain=explain.sentences(document),
        reply=next((reply["reply"] for reply in replies if reply.get("reply")), None),
        variant=document["variant"],
        marked=marked,
    )


def _next_best(ranking: list[dict[str, Any]], intent: str | None) -> list[dict[str, Any]]:
    return [other for other in ranking if other.get("name") != intent][:3]


def _unread(seq: int, marked: Mark) -> TurnView:
    """A message that a person, not the assistant, answered, and that was marked all the same."""
    return TurnView(
        seq=seq,
        status="skipped",
        intent=None,
        confidence=None,
        in_scope=None,
        mood=None,
        alternatives=[],
        entities=[],
        plain=[],
        reply=None,
        variant=None,
        marked=marked,
    )


def _mark(row: Row[Any]) -> Mark:
    return Mark(intent=row.intent, comment=row.comment, by=row.display_name, at=row.created_at)
