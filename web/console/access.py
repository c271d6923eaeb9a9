"""Who is signed in: kept on the server, beside a cookie that only tells browsers apart."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from nicegui import app, ui
from pydantic import ValidationError

from web.agents.schemas import Session as ApiSession
from web.agents.schemas import StaffMember, StaffRole
from web.console.api import AgentApi, ServerAway, SessionEnded
from web.console.shared import console_of

_KEPT = "session"
SIGN_IN = "/sign-in"
#: Why somebody comes to the sign-in page: in its address, and said there.
ENDED, SIGNED_OUT = "ended", "signed-out"


class SignInNeeded(Exception):
    """Nobody is signed in here, or no longer. `path` is where they wanted to go."""

    def __init__(self, path: str, why: str = "") -> None:
        super().__init__(path)
        self.path = path
        self.why = why


class NotTheirRole(Exception):
    """Whoever is signed in has nothing to do on this page."""


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in, and the API as they may use it."""

    staff: StaffMember
    token: str
    api: AgentApi


def keep(session: ApiSession) -> None:
    """Remember a session for this browser."""
    app.storage.user[_KEPT] = session.model_dump(mode="json")


def forget() -> None:
    app.storage.user.pop(_KEPT, None)


def kept() -> ApiSession | None:
    """What this browser was signed in as, whether or not that is still valid."""
    try:
        return ApiSession.model_validate(app.storage.user.get(_KEPT))
    except ValidationError:
        return None


def is_local(path: str) -> bool:
    """Whether a path leads to a page of this console, not to another site."""
    return path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()


def sign_in_path(path: str = "", why: str = "") -> str:
    """The address of the sign-in page, from which one comes back to `path`."""
    query = urlencode({name: value for name, value in (("next", path), ("why", why)) if value})
    return f"{SIGN_IN}?{query}" if query else SIGN_IN


def leave(why: str = ENDED) -> None:
    """Go to the sign-in page from an open page; after an ended session one comes back to where one was."""
    forget()
    if why == ENDED:
        back = "encodeURIComponent(location.pathname + location.search)"
        ui.run_javascript(f"location.assign('{SIGN_IN}?why={ENDED}&next=' + {back})")
    else:
        ui.navigate.to(sign_in_path(why=why))


async def _session(request: Request) -> Session:
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    found = kept()
    if found is None:
        raise SignInNeeded(path if path != "/" else "")
    api = AgentApi(console_of(request).http, found.token)
    staff = found.staff
    try:
        # Asked each time: a session may have been ended, a role taken away.
        staff = (await api.me()).staff
    except SessionEnded:
        forget()
        raise SignInNeeded(path, ENDED) from None
    except ServerAway:
        # The page itself says so; nothing is shown that the server does not give.
        pass
    return Session(staff, found.token, api)


def _with_role(*roles: StaffRole) -> Callable[..., Awaitable[Session]]:
    async def check(session: Annotated[Session, Depends(_session)]) -> Session:
        if session.staff.role not in roles:
            raise NotTheirRole
        return session

    return check


#: What a page asks for: anyone who is signed in, who may read conversations, who may train.
AnySession = Annotated[Session, Depends(_session)]
AgentSession = Annotated[Session, Depends(_with_role("agent", "admin"))]
TrainerSession = Annotated[Session, Depends(_with_role("trainer", "admin"))]
