"""Who may call a route of the API: the dependencies that every route of this room takes."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Header, Path, Request

from common.auth import bearer
from common.problems import Problem
from profiles.audit.acting import act_as
from profiles.audit.chain import Entry, note
from profiles.audit.reads import ReadLog
from profiles.crypto import Vault
from profiles.events.stream import EventStream
from profiles.keys import Caller, Role, caller_of
from profiles.protocol import PURPOSES, CustomerId, ShortText
from profiles.store import Store

#: What callers say of themselves is cut to this in the audit log.
LONGEST_WORDS = 80


def store_of(request: Request) -> Store:
    """The customers that this app serves."""
    store: Store = request.app.state.store
    return store


def vault_of(request: Request) -> Vault:
    """What seals their sensitive fields."""
    vault: Vault = request.app.state.vault
    return vault


def events_of(request: Request) -> EventStream:
    """Where accepted events go."""
    events: EventStream = request.app.state.events
    return events


Keep = Annotated[Store, Depends(store_of)]
Secrets = Annotated[Vault, Depends(vault_of)]
Events = Annotated[EventStream, Depends(events_of)]
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
        actor, reason = request.headers.get("rapport-actor"), request.headers.get("rapport-reason")
        act_as(f"{caller.name}/{_plain(actor)}" if actor else caller.name, _plain(reason or "not said"))
        return caller

    return check


def audited(what: str, *roles: Role) -> Callable[..., Awaitable[None]]:
    """As `allow`, for routes that show something of a customer: the read goes to the audit log.

    A person's read (role agent) needs an actor and a reason and is written before anything is shown; those of
    services are written together, a moment later.
    """

    async def check(request: Request, customer_id: Id, actor: Actor = None, reason: Reason = None) -> None:
        caller = await allow(*roles)(request)
        pseudonym = vault_of(request).pseudonym(customer_id)
        if caller.role != "agent":
            purpose = request.query_params.get("purpose", "service")
            why = reason or f"purpose {purpose if purpose in PURPOSES else 'unknown'}"
            reads: ReadLog = request.app.state.reads
            reads.add(Entry(caller.name, what, pseudonym, _plain(why)))
            return
        if actor is None or reason is None:
            raise Problem(
                422, "who-and-why", "Say who reads and why in the headers Rapport-Actor and Rapport-Reason."
            )
        async with store_of(request).engine.begin() as connection:
            await note(connection, [Entry(f"{caller.name}/{_plain(actor)}", what, pseudonym, _plain(reason))])

    return check


def _plain(said: str) -> str:
    """A header as it can stand in the log: bounded, and without characters that a database refuses."""
    return "".join(character for character in said[:LONGEST_WORDS] if character.isprintable())
