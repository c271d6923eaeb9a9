"""Routes for people who decide whether two customers are one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel
from sqlalchemy import text

from common.problems import Problem
from profiles.api_access import Actor, AdmittingRoute, Id, Keep, Reason, allow, audited, note_reads
from profiles.identity.golden import golden_id
from profiles.identity.merge import CannotMerge
from profiles.identity.review import (
    OpenCandidate,
    UnknownCandidate,
    accept,
    open_candidates,
    reconsider_candidate,
    reject,
)
from profiles.identity.unmerge import UnknownMerge, unmerge
from profiles.keys import Caller
from profiles.protocol import UnknownCustomer

PAGE, LONGEST_PAGE = 20, 100

Deciding = Annotated[Caller, Depends(allow())]
Number = Annotated[int, Path(ge=1, lt=2**63)]

_MERGES = text("""
    SELECT merge_id, kept_id, merged_id, at, who, why, explanation, undone_at FROM profiles.merges
    WHERE customer_id = :customer ORDER BY merge_id
""")


@dataclass(frozen=True)
class Said:
    """Who a person says that they are, and why they ask."""

    actor: Actor = None
    reason: Reason = None

    def require(self) -> None:
        """Raises Problem when one is missing: a decision about customers is somebody's, and has a reason."""
        if self.actor is None or self.reason is None:
            raise Problem(
                422, "who-and-why", "Say who decides and why in the headers Rapport-Actor and Rapport-Reason."
            )


Words = Annotated[Said, Depends()]


@dataclass(frozen=True)
class PageAsked:
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = PAGE
    cursor: Annotated[str | None, Query(max_length=60)] = None


class CandidatePage(BaseModel):
    candidates: list[OpenCandidate]
    #: The cursor of the next page; None when there is none.
    next: str | None


class AcceptedCandidate(BaseModel):
    """Two customers are one now; `customer_id` is the golden record."""

    customer_id: str
    merged_id: str
    merge_id: int


class RejectedCandidate(BaseModel):
    candidate_id: int


class ReconsideredCandidate(BaseModel):
    """Two customers who are no longer kept apart."""

    first_id: str
    second_id: str


class MergeOfCustomer(BaseModel):
    """A merge that the customer comes from, and what spoke for it."""

    merge_id: int
    kept_id: str
    merged_id: str
    at: datetime
    who: str
    why: str
    explanation: dict[str, Any]
    undone_at: datetime | None


class Undone(BaseModel):
    """Customers that are two again."""

    customer_ids: list[str]


def make_router() -> APIRouter:
    """The routes of candidates and merges."""
    router = APIRouter(tags=["identity"], route_class=AdmittingRoute)

    @router.get("/api/identity/candidates")
    async def candidates(
        request: Request,
        store: Keep,
        caller: Deciding,
        words: Words,
        page: Annotated[PageAsked, Depends()],
    ) -> CandidatePage:
        """Customers who may be one, the most probable first; ids and agreements only; audited."""
        async with store.engine.connect() as connection:
            found = await open_candidates(connection, page.limit + 1, _after(page.cursor))
        given = found[: page.limit]
        shown = list(dict.fromkeys(one for pair in given for one in (pair.first_id, pair.second_id)))
        await note_reads(request, caller, "candidate", shown, actor=words.actor, reason=words.reason)
        last = given[-1] if len(found) > page.limit else None
        return CandidatePage(
            candidates=given, next=None if last is None else f"{last.probability!r}:{last.candidate_id}"
        )

    @router.post("/api/identity/candidates/{candidate_id}/accept")
    async def accept_one(
        candidate_id: Number, store: Keep, caller: Deciding, words: Words
    ) -> AcceptedCandidate:
        """They are one person: the one who signed up later becomes part of the other; can be undone."""
        words.require()
        try:
            done = await accept(store, candidate_id)
        except UnknownCandidate:
            raise _unknown() from None
        except CannotMerge as error:
            raise Problem(409, "cannot-merge", f"{error}.") from None
        return AcceptedCandidate(customer_id=done.kept_id, merged_id=done.merged_id, merge_id=done.merge_id)

    @router.post("/api/identity/candidates/{candidate_id}/reject")
    async def reject_one(
        candidate_id: Number, store: Keep, caller: Deciding, words: Words
    ) -> RejectedCandidate:
        """They are two people, and are not proposed again."""
        words.require()
        try:
            await reject(store, candidate_id)
        except UnknownCandidate:
            raise _unknown() from None
        return RejectedCandidate(candidate_id=candidate_id)

    @router.post("/api/identity/candidates/{candidate_id}/reconsider")
    async def reconsider_one(
        candidate_id: Number, store: Keep, caller: Deciding, words: Words
    ) -> ReconsideredCandidate:
        """That they are two people is taken back: they may be proposed and merged again."""
        words.require()
        try:
            first, second = await reconsider_candidate(store, candidate_id)
        except UnknownCandidate:
            raise Problem(
                404, "unknown-candidate", "There is no such candidate, or it was not rejected."
            ) from None
        return ReconsideredCandidate(first_id=first, second_id=second)

    @router.get("/api/customer/{customer_id}/merges", dependencies=[Depends(audited("merges"))])
    async def merges(customer_id: Id, store: Keep) -> list[MergeOfCustomer]:
        """Which ids became this customer, by whom and why; audited."""
        async with store.engine.connect() as connection:
            golden = await golden_id(connection, customer_id)
            rows = (await connection.execute(_MERGES, {"customer": golden})).mappings().all()
        return [MergeOfCustomer.model_validate(dict(row)) for row in rows]

    @router.post("/api/identity/merges/{merge_id}/undo")
    async def undo(merge_id: Number, store: Keep, caller: Deciding, words: Words) -> Undone:
        """They are two people after all: both are as if they had never been merged."""
        words.require()
        try:
            done = await unmerge(store, merge_id)
        except (UnknownMerge, UnknownCustomer):
            raise Problem(404, "unknown-merge", "There is no such merge, or it has been undone.") from None
        except CannotMerge as error:
            raise Problem(409, "cannot-merge", f"A later merge could not be made again: {error}.") from None
        return Undone(customer_ids=[done.kept_id, done.merged_id])

    return router


def _unknown() -> Problem:
    return Problem(404, "unknown-candidate", "There is no such candidate, or it has been decided.")


def _after(cursor: str | None) -> tuple[float, int]:
    if cursor is None:
        return 2.0, 0
    probability, _, number = cursor.partition(":")
    try:
        after = float(probability), int(number)
    except ValueError:
        after = float("nan"), 0
    if not (0 <= after[0] <= 1 and 0 <= after[1] < 2**63):
        raise Problem(422, "bad-cursor", "The cursor is not one that an earlier page gave.")
    return after
