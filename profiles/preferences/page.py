"""What a customer sees in the preference centre: consents by purpose, what they stated, surveys for them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.consent import in_force
from profiles.crypto import Vault
from profiles.preferences.declared import Kind, Offered, Preferences, Question, Survey
from profiles.protocol import Purpose
from profiles.records import ConsentStatement
from profiles.traits.declared import Schema
from profiles.traits.history import said_until
from profiles.traits.winners import Said, newest, opened, winner
from profiles.views import statements_of

_ANSWERED = text("""
    SELECT document->'properties'->>'survey_id' AS survey_id,
        document->'properties'->>'conversation_id' AS conversation_id, max(occurred_at) AS at
    FROM profiles.events WHERE customer_id = :customer_id AND kind = 'track' AND name = 'Survey Answered'
    GROUP BY 1, 2
""")


class Choice(BaseModel):
    value: int | str
    title: str


class ShownConsent(BaseModel):
    """A purpose. `source` and `since` are null as long as the customer has said nothing about it."""

    purpose: Purpose
    title: str
    about: str
    without: str
    granted: bool
    source: str | None
    since: datetime | None
    expires_at: datetime | None


class ShownAttribute(BaseModel):
    """An attribute. `value` is what counts, by the word of `source`; `stated` what they said here themselves."""

    name: str
    title: str
    about: str
    many: bool
    choices: list[Choice]
    value: str | list[str] | None
    source: str | None
    since: datetime | None
    stated: str | list[str] | None


class ShownQuestion(BaseModel):
    question_id: str
    text: str
    kind: Kind
    optional: bool
    choices: list[Choice]


class ShownSurvey(BaseModel):
    survey_id: str
    title: str
    about: str
    after: Literal["conversation", "anything"]
    questions: list[ShownQuestion]


class Page(BaseModel):
    """All that the preference centre shows of a customer."""

    customer_id: str
    consents: list[ShownConsent]
    stated: list[ShownAttribute]
    surveys: list[ShownSurvey]


async def page_of(
    connection: AsyncConnection,
    vault: Vault,
    schema: Schema,
    asked: tuple[Preferences, Mapping[str, Survey]],
    *,
    customer_id: str,
    conversation_id: str | None,
    now: datetime,
) -> Page:
    """What is asked of this customer, and what they have said; surveys of a conversation if they come from one."""
    preferences, surveys = asked
    said = (await statements_of(connection, [customer_id])).get(customer_id, [])
    allowed = in_force(said, now)
    traits = await said_until(connection, customer_id, now)
    open_surveys = await unanswered(connection, surveys.values(), customer_id, conversation_id, now)
    return Page(
        customer_id=customer_id,
        consents=[
            ShownConsent(
                **words.model_dump(),
                granted=allowed[words.purpose],
                **_last(said, words.purpose, now),
            )
            for words in preferences.consents
        ],
        stated=[
            _attribute(vault, schema, preferences, one, rows=traits.get(one.attribute, []), now=now)
            for one in preferences.stated
            if one.attribute in schema.by_name
        ],
        surveys=[_survey(survey) for survey in open_surveys if allowed[survey.purpose]],
    )


async def unanswered(
    connection: AsyncConnection,
    surveys: Iterable[Survey],
    customer_id: str,
    conversation_id: str | None,
    now: datetime,
) -> list[Survey]:
    """Those of the surveys that this customer may answer now."""
    answered = (await connection.execute(_ANSWERED, {"customer_id": customer_id})).all()
    of_conversation = {row.survey_id for row in answered if row.conversation_id == conversation_id}
    last = {row.survey_id: row.at for row in sorted(answered, key=lambda row: row.at)}

    def is_open(survey: Survey) -> bool:
        if survey.again_days is None:
            return conversation_id is not None and survey.survey_id not in of_conversation
        at = last.get(survey.survey_id)
        return at is None or at + timedelta(days=survey.again_days) <= now

    return [survey for survey in surveys if is_open(survey)]


def _last(said: Iterable[ConsentStatement], purpose: Purpose, now: datetime) -> dict[str, Any]:
    about = [one for one in said if one.purpose == purpose and one.at <= now]
    if not about:
        return {"source": None, "since": None, "expires_at": None}
    last = max(about, key=lambda one: one.at)
    return {"source": last.source, "since": last.at, "expires_at": last.expires_at}


def _attribute(
    vault: Vault, schema: Schema, preferences: Preferences, one: Offered, *, rows: list[Said], now: datetime
) -> ShownAttribute:
    attribute = schema.by_name[one.attribute]
    won = winner(schema, attribute, rows, now)
    own = newest(row for row in rows if row.source == "stated").get("stated")
    return ShownAttribute(
        name=one.attribute,
        title=one.title,
        about=one.about,
        many=attribute.type == "texts",
        choices=[Choice(value=value, title=title) for value, title in one.choices.items()],
        value=None if won is None else opened(vault, attribute, won),
        source=None if won is None else preferences.origin(won.source),
        since=None if won is None else won.at,
        stated=None if own is None else opened(vault, attribute, own),
    )


def _survey(survey: Survey) -> ShownSurvey:
    return ShownSurvey(
        survey_id=survey.survey_id,
        title=survey.title,
        about=survey.about,
        after=survey.after,
        questions=[_question(question) for question in survey.questions],
    )


def _question(question: Question) -> ShownQuestion:
    return ShownQuestion(
        **question.model_dump(include={"question_id", "text", "kind", "optional"}),
        choices=[Choice(value=value, title=title) for value, title in question.options()],
    )
