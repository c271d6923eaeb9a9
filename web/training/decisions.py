"""What trainers decide about messages, and what of it is still to be written into the data."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select, update
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from web.chat.database import Database
from web.training import markup
from web.training.domain import Domain
from web.training.shapes import Action, AlreadyDecided, Decision, Refused, Review, ReviewItem
from web.training.tables import review_messages, reviews

# One statement, hence one transaction: a decision is kept with all that belongs to it, or not at all.
_DECIDE = sql(
    """
    WITH review AS (
      INSERT INTO training.reviews (review_id, action, intent, text, utterances, comment, understood_as,
                                    confidence, decided_by)
      VALUES (:review_id, :action, :intent, :text, CAST(:utterances AS jsonb), :comment, :understood_as,
              :confidence, :by)
    ), forms AS (
      INSERT INTO training.review_forms (form, review_id)
      SELECT form, :review_id FROM unnest(CAST(:forms AS text[])) AS decided (form)
    ), said AS (
      INSERT INTO training.audit (who, what, details)
      VALUES (:by, 'decided', jsonb_build_object('review_id', CAST(:review_id AS text),
              'action', CAST(:action AS text), 'intent', CAST(:intent AS text),
              'understood_as', CAST(:understood_as AS text), 'messages', cardinality(CAST(:seqs AS int[]))))
    )
    INSERT INTO training.review_messages (conversation_id, seq, review_id)
    SELECT id, seq, :review_id
    FROM unnest(CAST(:conversations AS uuid[]), CAST(:seqs AS int[])) AS messages (id, seq)
    WHERE EXISTS (SELECT FROM chat.conversations WHERE conversations.id = messages.id)
    """
)

_UNDO = sql(
    """
    WITH gone AS (
      DELETE FROM training.reviews WHERE review_id = :review_id AND written_at IS NULL RETURNING review_id
    ), said AS (
      INSERT INTO training.audit (who, what, details)
      SELECT :by, 'decision undone', jsonb_build_object('review_id', review_id) FROM gone
    )
    SELECT review_id FROM gone
    """
)


class Decisions:
    """Reviews in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def decide(self, item: ReviewItem, decision: Decision, domain: Domain, by: str) -> UUID:
        """Keep a decision about all messages of an item.

        Raises:
            Refused: the intent or the markup of an utterance is not usable; says why.
            AlreadyDecided
        """
        intent, utterances = usable(item, decision, domain)
        review_id = uuid4()
        values = {
            "review_id": review_id,
            "action": decision.action.value,
            "intent": intent,
            "text": item.text,
            "utterances": json.dumps(utterances),
            "comment": decision.comment,
            "understood_as": item.understood_as,
            "confidence": item.confidence,
            "by": by,
            "forms": list(item.forms),
            "conversations": [conversation for conversation, _ in item.messages],
            "seqs": [seq for _, seq in item.messages],
        }

        async def work(connection: AsyncConnection) -> None:
            try:
                await connection.execute(_DECIDE, values)
            except IntegrityError:
                # Done twice, because the answer of the first time was lost?
                mine = await connection.execute(select(reviews).where(reviews.c.review_id == review_id))
                if mine.one_or_none() is None:
                    raise AlreadyDecided("another trainer has decided this message") from None

        await self._database.run(work)
        return review_id

    async def undo(self, review_id: UUID, by: str) -> None:
        """Take a decision back; its messages come back to be reviewed.

        Raises:
            Refused: it is written into the data already, or was undone.
        """

        async def work(connection: AsyncConnection) -> bool:
            found = await connection.execute(_UNDO, {"review_id": review_id, "by": by})
            return found.one_or_none() is not None

        if not await self._database.run(work):
            raise Refused("this decision is written into the data already, or was undone")

    async def decided_forms(self, forms: Sequence[str]) -> frozenset[str]:
        """Those of `forms` that were decided."""

        async def work(connection: AsyncConnection) -> frozenset[str]:
            found = await connection.execute(
                sql("SELECT form FROM training.review_forms WHERE form = ANY(:forms)"), {"forms": list(forms)}
            )
            return frozenset(row.form for row in found)

        return await self._database.run(work)

    async def newest(self, limit: int) -> tuple[Review, ...]:
        """Decisions, the newest first."""
        chosen = select(reviews).order_by(reviews.c.decided_at.desc(), reviews.c.review_id).limit(limit)

        async def work(connection: AsyncConnection) -> tuple[Review, ...]:
            return tuple(_review(row) for row in await connection.execute(chosen))

        return await self._database.run(work)

    async def unwritten(self) -> list[tuple[Review, list[tuple[UUID, int]]]]:
        """Decisions whose utterances are still to be written, the oldest first, each with its messages."""
        chosen = (
            select(reviews)
            .where(reviews.c.written_at.is_(None), reviews.c.action != Action.DROP)
            .order_by(reviews.c.decided_at, reviews.c.review_id)
        )

        async def work(connection: AsyncConnection) -> list[tuple[Review, list[tuple[UUID, int]]]]:
            found = [_review(row) for row in await connection.execute(chosen)]
            by_review: dict[UUID, list[tuple[UUID, int]]] = {review.review_id: [] for review in found}
            messages = await connection.execute(
                select(review_messages).where(review_messages.c.review_id.in_(by_review))
            )
            for row in messages:
                by_review.setdefault(row.review_id, []).append((row.conversation_id, row.seq))
            return [(review, by_review[review.review_id]) for review in found]

        return await self._database.run(work)

    async def mark_written(self, review_ids: Sequence[UUID], by: str) -> None:
        """Say that the utterances of these decisions are in the data."""
        change = (
            update(reviews)
            .where(reviews.c.review_id.in_(list(review_ids)))
            .values(written_at=sql("now()"), written_by=by)
        )

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(change)

        await self._database.run(work)


def usable(item: ReviewItem, decision: Decision, domain: Domain) -> tuple[str | None, list[str]]:
    """The intent and the utterances of a decision, checked.

    Raises:
        Refused: with one line that says what to change.
    """
    if decision.action is Action.DROP:
        return None, []
    intent = decision.intent or (item.suggestion.intent if decision.action is Action.ACCEPT else None)
    if intent is None:
        raise Refused("say which intent it is")
    if intent not in domain.intents:
        raise Refused(f"the dialogue has no intent {intent}")
    utterances = [markup.on_one_line(text) for text in decision.utterances or (item.suggestion.draft,)]
    for utterance in utterances:
        try:
            markup.parse(utterance, frozenset(domain.entities))
        except markup.MarkupFault as fault:
            raise Refused(f"“{utterance[:60]}”: {fault}") from None
    return intent, list(dict.fromkeys(utterances))


def _review(row: Row[Any]) -> Review:
    return Review(
        row.review_id,
        Action(row.action),
        row.intent,
        row.text,
        tuple(row.utterances),
        row.comment,
        row.decided_by,
        row.decided_at,
        row.written_at,
    )
