"""Who may call a route of the API: the dependencies that every route of this room takes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from common.auth import bearer
from common.problems import Problem
from profiles import people
from profiles.crypto import Vault
from profiles.keys import Caller, Role, caller_of
from profiles.protocol import CustomerId, ShortText
from profiles.store import Store


def store_of(request: Request) -> Store:
    """The customers that this app serves."""
    store: Store = request.app.state.store
    return store


def vault_of(request: Request) -> Vault:
    """What seals their sensitive fields."""
    vault: Vault = request.app.state.vault
    return vault


Keep = Annotated[Store, Depends(store_of)]
Secrets = Annotated[Vault, Depends(vault_of)]
Id = Annotated[CustomerId, Path()]
Actor = Annotated[ShortText | None, Header(alias="Rapport-Actor")]
Reason = Annotated[ShortText | None, Header(alias="Rapport-Reason")]


def allow(*roles: Role) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency that lets in who has a key with one of these roles."""

    async def check(request: Request) -> Caller:
        caller = await caller_of(store_of(request).engine, bearer(request))
        if caller is None:
            raise Problem(
                401, "wrong-key", "This key is not known here.", headers={"WWW-Authenticate": "Bearer"}
            )
        if caller.role not in roles:
            raise Problem(403, "not-allowed", f"This needs the role {' or '.join(roles)}, not {caller.role}.")
        return caller

    return check


def audited(what: str, *roles: Role) -> Callable[..., Awaitable[None]]:
    """As `allow`, and a person's read (role agent) goes to the audit log first; a service's does not."""

    async def check(request: Request, customer_id: Id, actor: Actor = None, reason: Reason = None) -> None:
        caller = await allow(*roles)(request)
        if caller.role != "agent":
            return
        if actor is None or reason is None:
            raise Problem(
                422, "who-and-why", "Say who reads and why in the headers Rapport-Actor and Rapport-Reason."
            )
        await people.note_read(
            store_of(request).engine,
            vault_of(request),
            who=f"{caller.name}/{actor}",
            what=what,
            customer_id=customer_id,
            why=reason,
        )

    return check
