"""Recent messages of customers who let them be used for training, with personal data masked."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from common.masking import mask
from web.chat.database import Database
from web.training.commands import Commands
from web.training.consent import Consent, Consents
from web.training.made_up import Hidden, hide
from web.training.settings import TrainingSettings
from web.training.shapes import AgentMark, Refused, Span

#: Under this confidence an intent was a guess.
UNSURE = 0.6
OUT_OF_SCOPE = "out_of_scope"

# `worth_review` leaves out what was understood well, and what was decided.
_RECENT = sql(
    """
    SELECT turns.conversation_id, turns.seq, turns.created_at AS at, turns.parse, conversations.customer_id,
           events.payload ->> 'text' AS written, marks.seq IS NOT NULL AS marked,
           marks.intent AS mark_intent, marks.comment AS mark_comment, objections.made AS objected,
           kept.text, kept.draft, kept.spans
    FROM chat.turns
    JOIN chat.conversations ON conversations.id = turns.conversation_id
    JOIN chat.events ON events.conversation_id = turns.conversation_id AND events.seq = turns.seq
    LEFT JOIN chat.marks ON marks.conversation_id = turns.conversation_id AND marks.seq = turns.seq
    CROSS JOIN LATERAL (
      SELECT EXISTS (
        SELECT FROM chat.turns AS later
        WHERE later.conversation_id = turns.conversation_id AND later.seq > turns.seq
          AND later.decision -> 'misread' ->> 'turn_id' = turns.turn_id::text) AS made) AS objections
    LEFT JOIN training.messages AS kept
      ON kept.conversation_id = turns.conversation_id AND kept.seq = turns.seq
    WHERE turns.created_at > now() - make_interval(days => :days)
      AND turns.command IS NULL AND turns.parse IS NOT NULL
      AND events.type = 'message' AND events.role = 'customer' AND events.payload ->> 'text' <> ''
      AND (NOT :worth_review OR (
        NOT EXISTS (
          SELECT FROM training.review_messages AS decided
          WHERE decided.conversation_id = turns.conversation_id AND decided.seq = turns.seq)
        AND (marks.seq IS NOT NULL
             OR objections.made
             OR turns.parse -> 'intent' ->> 'name' = :out_of_scope
             OR (turns.parse -> 'intent' ->> 'confidence')::float < :unsure
             OR (turns.parse -> 'alternatives' <> '[]' AND turns.parse -> 'wishes' = '[]'))))
    ORDER BY (marks.seq IS NOT NULL OR objections.made) DESC, turns.created_at DESC
    LIMIT :limit
    """
)

_KEEP = sql(
    """
    INSERT INTO training.messages (conversation_id, seq, text, draft, spans)
    SELECT id, seq, text, draft, spans::jsonb
    FROM unnest(CAST(:conversations AS uuid[]), CAST(:seqs AS int[]), CAST(:texts AS text[]),
                CAST(:drafts AS text[]), CAST(:spans AS text[])) AS masked (id, seq, text, draft, spans)
    WHERE EXISTS (SELECT FROM chat.conversations WHERE conversations.id = masked.id)
    ON CONFLICT DO NOTHING
    """
)

_FORGET = sql(
    """
    DELETE FROM training.messages USING chat.conversations
    WHERE conversations.id = messages.conversation_id AND conversations.customer_id = ANY(:customers)
    """
)


@dataclass(frozen=True)
class Message:
    """A message of a customer, as trainers may see it, and what the bot made of it (`parse`).

    `objected`: the customer said afterwards that it was misread.
    """

    conversation_id: UUID
    seq: int
    at: datetime
    hidden: Hidden
    parse: dict[str, Any]
    mark: AgentMark | None
    objected: bool


@dataclass(frozen=True)
class Recent:
    """Messages, the newest first, and how many were left out because of consent."""

    messages: tuple[Message, ...]
    without_consent: int
    consent_unknown: int


class Messages:
    """Reads messages for training. Whoever has not consented is left out, anonymous visitors always."""

    def __init__(
        self, database: Database, commands: Commands, consents: Consents, settings: TrainingSettings
    ) -> None:
        self._database = database
        self._commands = commands
        self._consents = consents
        self._settings = settings
        self._masking = asyncio.Lock()

    async def recent(self, *, worth_review: bool, limit: int | None = None) -> Recent:
        """The newest messages; with `worth_review` those that may have been misread and are not decided.

        Raises:
            Refused: they can't be masked now.
            DatabaseUnavailable: PostgreSQL is away.
        """
        async with self._masking:  # of two readers one masks, the other finds it done
            return await self._recent(worth_review, limit or self._settings.recent_messages)

    async def consent_of(self, messages: list[tuple[UUID, int]]) -> dict[UUID, Consent]:
        """Who may be learnt from now, by conversation; conversations that were erased are not in it."""

        async def work(connection: AsyncConnection) -> dict[UUID, str | None]:
            found = await connection.execute(
                sql("SELECT id, customer_id FROM chat.conversations WHERE id = ANY(:ids)"),
                {"ids": list({conversation for conversation, _ in messages})},
            )
            return {row.id: row.customer_id for row in found}

        customers = await self._database.run(work)
        consents = await self._consents.of(customer for customer in customers.values() if customer)
        return {
            conversation: consents[customer] if customer else Consent.REFUSED
            for conversation, customer in customers.items()
        }

    async def _recent(self, worth_review: bool, limit: int) -> Recent:
        values = {
            "days": self._settings.recent_days,
            "worth_review": worth_review,
            "out_of_scope": OUT_OF_SCOPE,
            "unsure": UNSURE,
            "limit": limit,
        }

        async def work(connection: AsyncConnection) -> list[Any]:
            return list(await connection.execute(_RECENT, values))

        rows = await self._database.run(work)
        consents = await self._consents.of(row.customer_id for row in rows if row.customer_id)
        await self._forget([customer for customer, said in consents.items() if said is Consent.REFUSED])
        by_consent: dict[Consent, list[Any]] = {said: [] for said in Consent}
        for row in rows:
            by_consent[consents[row.customer_id] if row.customer_id else Consent.REFUSED].append(row)
        given = by_consent[Consent.GIVEN]
        masked = await self._mask([row for row in given if row.text is None])
        return Recent(
            tuple(_message(row, masked) for row in given),
            len(by_consent[Consent.REFUSED]),
            len(by_consent[Consent.UNKNOWN]),
        )

    async def _mask(self, rows: list[Any]) -> dict[tuple[UUID, int], Hidden]:
        """Mask messages, and keep them so."""
        if not rows:
            return {}
        given = "".join(f"{json.dumps({'text': row.written, 'entities': _entities(row)})}\n" for row in rows)
        output = await self._commands.checked("mask", given=given)
        answers = [json.loads(line) for line in output.text.splitlines()]
        if len(answers) != len(rows):
            raise Refused("messages could not be masked: an answer is missing")
        masked = {
            (row.conversation_id, row.seq): hide(row.written, _spans(answer))
            for row, answer in zip(rows, answers, strict=True)
        }
        values = {
            "conversations": [conversation for conversation, _ in masked],
            "seqs": [seq for _, seq in masked],
            "texts": [hidden.text for hidden in masked.values()],
            "drafts": [hidden.draft for hidden in masked.values()],
            "spans": [
                json.dumps([[span.entity, span.start, span.end] for span in hidden.spans])
                for hidden in masked.values()
            ],
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_KEEP, values)

        await self._database.run(work)
        return masked

    async def _forget(self, customers: list[str]) -> None:
        """Keep nothing of those who let nothing be used (any more)."""
        if not customers:
            return

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(_FORGET, {"customers": customers})

        await self._database.run(work)


def _entities(row: Any) -> list[dict[str, Any]]:
    """What the bot found in a message, in the form of the command `mask`."""
    return [
        {name: found[name] for name in ("entity", "value", "start", "end")}
        for found in row.parse.get("entities") or []
        if isinstance(found.get("start"), int) and isinstance(found.get("end"), int)
    ]


def _spans(answer: dict[str, Any]) -> list[tuple[Span, bool]]:
    return [(Span(span["entity"], span["start"], span["end"]), span["personal"]) for span in answer["spans"]]


def _message(row: Any, masked: dict[tuple[UUID, int], Hidden]) -> Message:
    hidden = masked.get((row.conversation_id, row.seq))
    if hidden is None:
        hidden = Hidden(row.text, tuple(Span(*span) for span in row.spans), row.draft)
    # What agents write is free text too.
    comment = mask(row.mark_comment) if row.mark_comment else None
    mark = AgentMark(row.mark_intent, comment) if row.marked else None
    return Message(row.conversation_id, row.seq, row.at, hidden, row.parse, mark, row.objected)
