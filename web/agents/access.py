"""Signing in, and who may come in: one dependency a role."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from common.auth import bearer
from common.problems import Problem
from web.agents import passwords
from web.agents.audit import Action, Entry
from web.agents.schemas import Session, StaffRole
from web.agents.staff import Account
from web.chat.redis_state import RedisState
from web.chat.routes import OfApp
from web.chat.service import Service

#: Tries to sign in, each minute. An address may be that of a console, behind which a whole team signs in.
TRIES_PER_NAME, TRIES_PER_ADDRESS = 5, 60
_WINDOW = 60


def normal(name: str) -> str:
    """A name as accounts have it: nobody has to remember how it was capitalised."""
    return name.strip().casefold()


async def sign_in(service: Service, name: str, password: str, address: str) -> Session:
    """A session for whoever knows the password.

    Raises:
        Problem: 401, in the same words and the same time for a name that nobody has; 429 after too many tries.
    """
    name = normal(name)
    await _limit(service.state, name, address)
    agents = service.agents
    found = await agents.staff.find(name)
    account, kept = found or (None, None)
    is_right = await passwords.is_right(kept, password)
    if account is None or kept is None or not is_right or account.is_disabled:
        # A password typed into the field of the name must not end up in the log.
        who = account.name if account else "unknown name"
        staff_id = account.staff_id if account else None
        await agents.audit.write(Entry(who, Action.SIGN_IN_FAILED, staff_id))
        raise Problem(
            401,
            "sign-in-failed",
            "This name and password do not fit. Check both, and ask an administrator if it goes on.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if passwords.is_outdated(kept):
        await agents.staff.set_password(account.staff_id, await asyncio.to_thread(passwords.hashed, password))
    await agents.audit.write(Entry(account.name, Action.SIGN_IN, account.staff_id))
    session = await agents.staff.begin_session(account.staff_id)
    return Session(token=session.token, expires_at=session.expires_at, staff=account.public())


async def _limit(state: RedisState, name: str, address: str) -> None:
    by_name = f"sign-in:name:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    for key, limit in ((f"sign-in:address:{address}", TRIES_PER_ADDRESS), (by_name, TRIES_PER_NAME)):
        seconds = await state.seconds_to_wait(key, limit, _WINDOW)
        if seconds:
            raise Problem(
                429,
                "too-many-requests",
                f"Too many tries to sign in. Try again in {seconds} s.",
                headers={"Retry-After": str(seconds)},
            )


async def session_of(service: Service, token: str) -> tuple[Account, datetime]:
    """Who has this session, and until when.

    Raises:
        Problem: 401 when it is not known, has expired or was ended.
    """
    found = await service.agents.staff.of_session(token)
    if found is None:
        raise Problem(
            401,
            "session-not-valid",
            "This session is not valid or has ended. Sign in again.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return found


def require_role(account: Account, *roles: StaffRole) -> None:
    """
    Raises:
        Problem: 403 for any other role.
    """
    if account.role not in roles:
        raise Problem(403, "not-your-role", f"This needs the role {' or '.join(roles)}, not {account.role}.")


async def signed_in(request: Request, service: OfApp) -> tuple[Account, datetime]:
    return await session_of(service, bearer(request))


def _with_role(*roles: StaffRole) -> Callable[..., Awaitable[Account]]:
    async def check(session: Annotated[tuple[Account, datetime], Depends(signed_in)]) -> Account:
        require_role(session[0], *roles)
        return session[0]

    return check


#: Roles that work with conversations; a trainer reads no customer.
AGENT_ROLES: tuple[StaffRole, ...] = ("agent", "admin")

SignedIn = Annotated[tuple[Account, datetime], Depends(signed_in)]
Agent = Annotated[Account, Depends(_with_role(*AGENT_ROLES))]
