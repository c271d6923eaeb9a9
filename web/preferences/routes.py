"""`/preferences`, the page, and `/api/preferences`, what it calls. Who it is about, the session's token says alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from common.auth import bearer
from common.problems import Problem
from web.chat.records import ConversationUnknown
from web.chat.routes import OfApp
from web.chat.schemas import ProblemDocument
from web.chat.service import Service, service_of

FILES = Path(__file__).resolve().parent / "files"

#: Before a customer writes, a conversation holds the greeting only.
_GREETED = 1

Purpose = Literal["service", "personalisation", "analytics", "training", "marketing"]
Name = Annotated[str, PathParameter(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


class _Said(BaseModel):
    """Nothing else is taken: least of all who somebody is."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Granted(_Said):
    granted: bool


class Stated(_Said):
    """One or more of the choices; null takes back what was said."""

    value: Annotated[str, Field(max_length=80)] | Annotated[list[str], Field(max_length=50)] | None


class Answers(_Said):
    """By question of the survey."""

    answers: Annotated[dict[str, int | Annotated[str, Field(max_length=2000)]], Field(max_length=10)]


class Shown(BaseModel):
    """What is known of the customer; null for a visitor whom nobody knows."""

    customer: dict[str, Any] | None


@dataclass(frozen=True)
class Session:
    """Whose conversation the token opens, and which one once the customer has said something in it."""

    customer_id: str | None
    conversation_id: str | None


async def _session(request: Request) -> Session:
    service: Service = service_of(request)
    await service.gate.events(request.client.host if request.client else "unknown")
    conversation_id = service.tokens.conversation(bearer(request))
    try:
        found = await service.records.read(conversation_id)
    except ConversationUnknown:
        raise Problem(401, "token-not-valid", "The session of this token is over.") from None
    talked = found.last_seq > _GREETED
    return Session(found.customer_id, str(conversation_id) if talked else None)


Whose = Annotated[Session, Depends(_session)]

router = APIRouter(
    tags=["preferences"],
    responses={status: {"model": ProblemDocument} for status in (401, 403, 404, 409, 422, 429, 503)},
)


@router.get("/preferences", include_in_schema=False)
async def show_page() -> FileResponse:
    return FileResponse(FILES / "index.html")


@router.get("/api/preferences")
async def read_preferences(service: OfApp, session: Whose) -> Shown:
    """What the customer of the session allows and likes, since when and from where, and the surveys for them."""
    if session.customer_id is None:
        return Shown(customer=None)
    page = await service.centre.page(session.customer_id, session.conversation_id)
    return Shown(customer={part: page[part] for part in ("consents", "stated", "surveys")})


@router.put("/api/preferences/consents/{purpose}", status_code=204)
async def put_consent(service: OfApp, session: Whose, purpose: Purpose, said: Granted) -> None:
    """The customer allows or refuses a purpose; it counts at once."""
    await service.centre.allow(_known(session), purpose, said.granted)


@router.put("/api/preferences/stated/{attribute}", status_code=204)
async def put_stated(service: OfApp, session: Whose, attribute: Name, said: Stated) -> None:
    """The customer says what they prefer."""
    await service.centre.state(_known(session), attribute, said.value)


@router.post("/api/preferences/surveys/{survey_id}", status_code=202)
async def post_answers(service: OfApp, session: Whose, survey_id: Name, said: Answers) -> None:
    """The customer answers a survey."""
    await service.centre.answer(_known(session), survey_id, said.answers, session.conversation_id)


def _known(session: Session) -> str:
    if session.customer_id is None:
        raise Problem(403, "nobody-known", "Without an account there is nobody to keep this of.")
    return session.customer_id
