"""Who may call a route of the API: the dependencies that every route of this room takes."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response
from fastapi.routing import APIRoute

from common.auth import bearer
from common.problems import Problem
from profiles.audit.acting import act_as
from profiles.audit.chain import Entry, note
from profiles.audit.reads import ReadLog
from profiles.crypto import Vault
from profiles.events.stream import EventStream
from profiles.identity.golden import golden_id
from profiles.keys import PEOPLE, Caller
from profiles.protocol import PURPOSES, CustomerId, ShortText
from profiles.security.access import Access
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


# Asynchronous, for FastAPI gives a plain function a thread of its own in each request.
async def _store(request: Request) -> Store:
    return store_of(request)


async def _vault(request: Request) -> Vault:
    return vault_of(request)


async def _events(request: Request) -> EventStream:
    return events_of(request)


Keep = Annotated[Store, Depends(_store)]
Secrets = Annotated[Vault, Depends(_vault)]
Events = Annotated[EventStream, Depends(_events)]
Id = Annotated[CustomerId, Path()]
Actor = Annotated[ShortText | None, Header(alias="Rapport-Actor")]
Reason = Annotated[ShortText | None, Header(alias="Rapport-Reason")]


async def golden_of(request: Request, customer_id: Id) -> str:
    """The customer that the id in the path stands for: it may have been merged into another's."""
    async with store_of(request).engine.connect() as connection:
        return await golden_id(connection, customer_id)


GoldenId = Annotated[str, Depends(golden_of)]


def access_of(request: Request) -> Access:
    """Who may do what."""
    access: Access = request.app.state.access
    return access


async def admit(request: Request, credential: str) -> Caller:
    """The caller with this key or token, when the policy lets them in; changes are noted as theirs from here on.

    A request is admitted, and counted, once.

    Raises:
        Problem: 401 nobody's key or token, 403 not allowed, 429 too often.
    """
    admitted: Caller | None = getattr(request.state, "admitted", None)
    if admitted is not None:
        return admitted
    caller = request.state.admitted = await access_of(request).admit(request, credential)
    actor, reason = request.headers.get("rapport-actor"), request.headers.get("rapport-reason")
    act_as(_name(caller, actor), _plain(reason or "not said"))
    return caller


class AdmittingRoute(APIRoute):
    """Reads and parses a body only for a caller who is admitted; the framework would do it before it asks who calls.

    Take it as `route_class` of every router.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def admit_and_handle(request: Request) -> Response:
            await admit(request, bearer(request))
            return await handle(request)

        return admit_and_handle


def allow() -> Callable[[Request], Awaitable[Caller]]:
    """A dependency that lets in whom `data/security/policy.csv` names for the route."""

    async def check(request: Request) -> Caller:
        return await admit(request, bearer(request))

    return check


def audited(what: str) -> Callable[..., Awaitable[Caller]]:
    """As `allow`, for routes that show something of a customer: the read goes to the audit log."""

    async def check(request: Request, customer_id: Id, actor: Actor = None, reason: Reason = None) -> Caller:
        caller = await admit(request, bearer(request))
        await note_reads(request, caller, what, [customer_id], actor=actor, reason=reason)
        return caller

    return check


async def note_reads(
    request: Request,
    caller: Caller,
    what: str,
    customer_ids: Sequence[str],
    *,
    actor: str | None,
    reason: str | None,
) -> None:
    """Note that something of these customers is about to be shown.

    A person's read needs an actor and a reason and is written before anything is shown; those of services are
    written together, a moment later.

    Raises:
        Problem: 422 when a person does not say who or why, 503 when the reads of services can't be written.
    """
    if caller.role in PEOPLE and not (_plain(actor or "") and _plain(reason or "")):
        raise Problem(
            422, "who-and-why", "Say who reads and why in the headers Rapport-Actor and Rapport-Reason."
        )
    if reason is None:
        purpose = request.query_params.get("purpose", "service")
        reason = f"purpose {purpose if purpose in PURPOSES else 'unknown'}"
    vault, who = vault_of(request), _name(caller, actor)
    entries = [Entry(who, what, vault.pseudonym(one), _plain(reason)) for one in customer_ids]
    if caller.role in PEOPLE or caller.role == "customer":
        async with store_of(request).engine.begin() as connection:
            await note(connection, entries)
        return
    reads: ReadLog = request.app.state.reads
    for entry in entries:
        reads.add(entry)


def _name(caller: Caller, actor: str | None) -> str:
    """Who it is in the audit log: the caller, and for whom it acts."""
    if caller.role == "customer":
        actor = "the customer"
    plain = _plain(actor or "")
    return f"{caller.name}/{plain}" if plain else caller.name


def _plain(said: str) -> str:
    """A header as it can stand in the log: bounded, and without characters that a database refuses."""
    return "".join(character for character in said[:LONGEST_WORDS] if character.isprintable()).strip()
