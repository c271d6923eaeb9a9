"""Routes of the preference centre, for web in the name of a customer, or for a customer's own token."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from common.problems import Problem
from profiles.api_access import AdmittingRoute, Events, GoldenId, Keep, Secrets, allow, audited
from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.events.envelope import Event
from profiles.events.stream import EventStream, StreamUnavailable
from profiles.preferences.answers import Answer, BadAnswer, events_of
from profiles.preferences.declared import Offered, Survey, SurveyId, load_preferences, load_surveys
from profiles.preferences.page import Page, page_of, unanswered
from profiles.protocol import Purpose, UnknownCustomer
from profiles.records import ConsentStatement
from profiles.tables import Customer
from profiles.traits.declared import AttributeName
from profiles.traits.versions import of_files, schema_in_force
from profiles.traits.write import TraitWrite, write_traits

SOURCE = "preference centre"

ConversationId = Annotated[str, Field(pattern=r"^[!-~]{1,80}$")]
Conversation = Annotated[ConversationId | None, Query()]

_Strict = ConfigDict(extra="forbid", strict=True)


class Granted(BaseModel):
    model_config = _Strict

    granted: bool


class Stated(BaseModel):
    """One of the choices, some of them where there may be many, or null: no preference of one's own."""

    model_config = _Strict

    value: Annotated[str, Field(max_length=80)] | Annotated[list[str], Field(max_length=50)] | None


class Answers(BaseModel):
    """By question. A conversation's survey needs the conversation."""

    model_config = _Strict

    answers: Annotated[dict[str, Answer], Field(max_length=10)]
    conversation_id: ConversationId | None = None


class Kept(BaseModel):
    """How many events the answers are; the profile follows within moments."""

    events: int


def make_router() -> APIRouter:
    """The routes, with what is asked read once.

    Raises:
        declared.UnusablePreferences
    """
    router = APIRouter(prefix="/api/customer/{customer_id}", tags=["preferences"], route_class=AdmittingRoute)
    schema = of_files()
    preferences, surveys = load_preferences(schema), load_surveys(schema)
    writer = Depends(allow())

    @router.get("/preferences", dependencies=[Depends(audited("preferences"))])
    async def read(
        customer_id: GoldenId, store: Keep, vault: Secrets, conversation_id: Conversation = None
    ) -> Page:
        """What the customer allows and has stated, since when and from where, and the surveys for them."""
        now = datetime.now(UTC)
        async with store.engine.connect() as connection:
            await _require(connection, customer_id)
            schema = await schema_in_force(connection)
            return await page_of(
                connection,
                vault,
                schema,
                (preferences, surveys),
                customer_id=customer_id,
                conversation_id=conversation_id,
                now=now,
            )

    @router.put("/preferences/consents/{purpose}", status_code=204, dependencies=[writer])
    async def allow_purpose(customer_id: GoldenId, purpose: Purpose, said: Granted, store: Keep) -> None:
        """Note that the customer allows or refuses a purpose, in the words of `data/profiles/preferences.yml`."""
        statement = ConsentStatement(
            purpose=purpose,
            granted=said.granted,
            source=SOURCE,
            version=preferences.version,
            at=datetime.now(UTC),
        )
        await store.state_consent(customer_id, statement)

    @router.put("/preferences/{attribute}", status_code=204, dependencies=[writer])
    async def state(
        customer_id: GoldenId, attribute: AttributeName, said: Stated, store: Keep, vault: Secrets
    ) -> None:
        """Note what the customer prefers; null takes their word back, and others' counts again."""
        offered = preferences.offered(attribute)
        if offered is None:
            raise _unknown()
        now = datetime.now(UTC)
        async with store.engine.begin() as connection:
            await _require(connection, customer_id)
            in_force = (await schema_in_force(connection)).by_name.get(attribute)
            if in_force is None or not in_force.may_come_from("stated"):
                # The published schema is another one than that of the files.
                raise _unknown()
            _check(offered, said.value, many=in_force.type == "texts")
            write = TraitWrite(customer_id, attribute, said.value, "stated", now, f"stated-{uuid4()}")
            await write_traits(connection, vault, [write])
            changes = await store.follow_up(connection, [customer_id], now, forget_stale=False)
            by = acting()
            entry = Entry(by.who, f"changed: {attribute}", vault.pseudonym(customer_id), by.why)
            await note(connection, [entry])
        await store.tell_cache(changes)

    @router.post("/surveys/{survey_id}/answers", status_code=202, dependencies=[writer])
    async def answer(
        customer_id: GoldenId,
        survey_id: Annotated[SurveyId, Path()],
        given: Answers,
        store: Keep,
        events: Events,
    ) -> Kept:
        """Answer a survey, once for each conversation or time that it is asked."""
        survey = surveys.get(survey_id)
        if survey is None:
            raise Problem(404, "unknown-survey", "There is no such survey.")
        if survey.after == "conversation" and given.conversation_id is None:
            raise Problem(422, "no-conversation", "Say which conversation the answers are about.")
        now = datetime.now(UTC)
        async with store.engine.connect() as connection:
            await _require(connection, customer_id)
            if not await unanswered(connection, [survey], customer_id, given.conversation_id, now):
                raise Problem(409, "answered-already", "This survey was answered already. Thank you!")
        made = _events(survey, given, customer_id, now)
        await _publish(events, made)
        return Kept(events=len(made))

    return router


def _events(survey: Survey, given: Answers, customer_id: str, now: datetime) -> list[Event]:
    try:
        return events_of(survey, given.answers, customer_id, given.conversation_id, now)
    except BadAnswer as error:
        raise Problem(422, "bad-answer", str(error)) from None


async def _publish(stream: EventStream, events: list[Event]) -> None:
    try:
        await stream.publish(events)
    except StreamUnavailable:
        raise Problem(
            503,
            "stream-unavailable",
            "Answers can't be kept just now; send the same again.",
            headers={"Retry-After": "2"},
        ) from None


async def _require(connection: AsyncConnection, customer_id: str) -> None:
    if await connection.scalar(select(Customer.version).where(Customer.customer_id == customer_id)) is None:
        raise UnknownCustomer(customer_id)


def _unknown() -> Problem:
    return Problem(404, "unknown-preference", "There is no such preference.")


def _check(offered: Offered, value: str | list[str] | None, *, many: bool) -> None:
    if value is None:
        return
    if isinstance(value, list) != many or not set([value] if isinstance(value, str) else value) <= set(
        offered.choices
    ):
        raise Problem(422, "not-offered", "This can't be chosen here.")
