"""What a person decides about candidates: one customer, or two."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.identity.merge import Merged, Two, merge
from profiles.store import Store
from profiles.worker.statements import ONE_AT_A_TIME

_OPEN = text("""
    SELECT candidate_id, first_id, second_id, probability, explanation, reason, found_at
    FROM profiles.candidates
    WHERE status = 'open' AND (probability, candidate_id) < (:probability, :candidate_id)
    ORDER BY probability DESC, candidate_id DESC LIMIT :limit
""")
_ONE = text("""
    SELECT c.candidate_id, c.explanation, c.probability, k.customer_id AS kept, m.customer_id AS merged
    FROM profiles.candidates AS c
    JOIN profiles.customers AS k ON k.customer_id IN (c.first_id, c.second_id)
    JOIN profiles.customers AS m ON m.customer_id IN (c.first_id, c.second_id)
    WHERE c.candidate_id = :candidate AND c.status = 'open'
        AND (k.signed_up_at, k.customer_id) < (m.signed_up_at, m.customer_id)
""")
_REJECT = text("""
    UPDATE profiles.candidates SET status = 'rejected', decided_by = :who, decided_at = now(), reason = :why
    WHERE candidate_id = :candidate AND status = 'open' RETURNING first_id, second_id
""")
_KEEP_APART = text("""
    INSERT INTO profiles.candidates AS c
        (first_id, second_id, probability, explanation, reason, status, decided_by, decided_at)
    VALUES (least(:one, :other), greatest(:one, :other), 0, '{}', :why, 'rejected', :who, now())
    ON CONFLICT (first_id, second_id) DO UPDATE
    SET status = 'rejected', reason = excluded.reason, decided_by = excluded.decided_by, decided_at = now()
""")


#: Whom the records make likely to be one is proposed again at once; whom they do not, when they do.
_PROPOSE_AGAIN = text("""
    UPDATE profiles.candidates
    SET status = 'open', reason = 'it was taken back that they are two', decided_by = NULL, decided_at = NULL
    WHERE first_id = least(:one, :other) AND second_id = greatest(:one, :other) AND status = 'rejected'
        AND probability > 0
""")
_FORGET_DECISION = text("""
    DELETE FROM profiles.candidates
    WHERE first_id = least(:one, :other) AND second_id = greatest(:one, :other) AND status = 'rejected'
""")
#: What was said of an id that was merged since rests with the rows of that merge.
_FORGET_NOTED = text("""
    DELETE FROM profiles.merged_rows
    WHERE table_name = 'profiles.candidates' AND content->>'status' = 'rejected'
        AND content->>'first_id' = least(:one, :other) AND content->>'second_id' = greatest(:one, :other)
""")
_REJECTED_PAIR = text("""
    SELECT first_id, second_id FROM profiles.candidates WHERE candidate_id = :candidate AND status = 'rejected'
""")


class UnknownCandidate(Exception):
    """There is no such candidate, or it has been decided."""


class NotKeptApart(Exception):
    """Nobody has said that these two customers are two."""


class OpenCandidate(BaseModel):
    """Two customers who may be one, and what speaks for and against it; no personal values."""

    candidate_id: int
    first_id: str
    second_id: str
    probability: float
    explanation: dict[str, Any]
    #: Why a person has to decide.
    reason: str
    found_at: datetime


async def open_candidates(
    connection: AsyncConnection, limit: int, after: tuple[float, int] = (2.0, 0)
) -> list[OpenCandidate]:
    """Candidates to decide on, the most probable first; those after a probability and an id."""
    parameters = {"limit": limit, "probability": after[0], "candidate_id": after[1]}
    rows = (await connection.execute(_OPEN, parameters)).mappings().all()
    return [OpenCandidate.model_validate(dict(row)) for row in rows]


async def accept(store: Store, candidate_id: int) -> Merged:
    """They are one: merge the one who signed up later into the other.

    Raises:
        UnknownCandidate
        CannotMerge: they may not become one; the candidate stays open.
    """
    async with store.engine.connect() as connection:
        row = (await connection.execute(_ONE, {"candidate": candidate_id})).one_or_none()
    if row is None:
        raise UnknownCandidate(candidate_id)
    return await merge(store, Two(row.kept, row.merged), {"candidate": candidate_id, **row.explanation})


async def reject(store: Store, candidate_id: int) -> None:
    """They are two; they are not proposed or merged again.

    Raises:
        UnknownCandidate
    """
    by = acting()
    async with store.engine.begin() as connection:
        decided = {"candidate": candidate_id, "who": by.who, "why": by.why}
        row = (await connection.execute(_REJECT, decided)).one_or_none()
        if row is None:
            raise UnknownCandidate(candidate_id)
        pair = (row.first_id, row.second_id)
        await note(
            connection, [Entry(by.who, "kept apart", store.vault.pseudonym(one), by.why) for one in pair]
        )


async def reconsider(store: Store, one: str, other: str) -> None:
    """Take back that two customers are two, whether that was said or follows from an `unmerge`.

    They may be proposed and merged again; nothing is merged by this.

    Raises:
        NotKeptApart
    """
    by, pair = acting(), {"one": one, "other": other}
    async with store.engine.begin() as connection:
        await connection.execute(ONE_AT_A_TIME)
        steps = (_PROPOSE_AGAIN, _FORGET_DECISION, _FORGET_NOTED)
        if not sum([(await connection.execute(step, pair)).rowcount for step in steps]):
            raise NotKeptApart
        entries = [
            Entry(by.who, "no longer kept apart", store.vault.pseudonym(id_), by.why) for id_ in (one, other)
        ]
        await note(connection, entries)


async def reconsider_candidate(store: Store, candidate_id: int) -> tuple[str, str]:
    """As `reconsider`, of a candidate that was rejected; gives the two customers.

    Raises:
        UnknownCandidate
    """
    async with store.engine.connect() as connection:
        row = (await connection.execute(_REJECTED_PAIR, {"candidate": candidate_id})).one_or_none()
    if row is None:
        raise UnknownCandidate(candidate_id)
    try:
        await reconsider(store, row.first_id, row.second_id)
    except NotKeptApart:
        raise UnknownCandidate(candidate_id) from None
    return row.first_id, row.second_id


async def keep_apart(connection: AsyncConnection, one: str, other: str) -> None:
    """Who was taken apart again is not proposed or merged again."""
    by = acting()
    await connection.execute(_KEEP_APART, {"one": one, "other": other, "who": by.who, "why": by.why})
