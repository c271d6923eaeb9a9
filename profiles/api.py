"""The HTTP API of the profile service (docs/contracts.md, Profiles)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any

import psycopg
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, model_validator
from redis import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from common import problems
from common.body_limit import BodyLimit
from common.logs import get_logger
from common.problems import Problem
from profiles import database, people
from profiles.api_access import AdmittingRoute, GoldenId, Id, Keep, Secrets, allow, audited, note_reads
from profiles.audit.reads import ReadLog
from profiles.cache import ViewCache
from profiles.collect import routes as collect
from profiles.crypto import Vault
from profiles.customers import routes as customers
from profiles.customers.etags import tagged
from profiles.events.stream import EventStream
from profiles.identity import routes as identity
from profiles.identity.golden import MergedAway
from profiles.keys import Caller
from profiles.preferences import routes as preferences
from profiles.protocol import CustomerView, Interaction, Moment, Purpose, UnknownCustomer
from profiles.quality import routes as quality
from profiles.records import ConsentStatement, CustomerRecord
from profiles.rights import routes as rights
from profiles.rights.tombstones import ErasedCustomers
from profiles.security import routes as security_routes
from profiles.security.access import Access, AllowanceHeaders
from profiles.security.limits import RateLimiter, load_limits
from profiles.security.policy import Policy
from profiles.security.tokens import Tokens
from profiles.store import InteractionTaken, Store
from profiles.traits import routes as traits
from profiles.traits.earlier import EarlierView

log = get_logger(__name__)

#: How often views are looked for that could not be deleted from Redis when they should have been.
RETRY_SECONDS = 2.0
#: Of a body, in bytes. Events have a limit of their own, which is lower.
LONGEST_BODY = 1024 * 1024


Writer = Depends(allow())
LookingUp = Annotated[Caller, Depends(allow())]


class Accepted(BaseModel):
    customer_id: str
    version: int


class Allowed(BaseModel):
    customer_id: str
    consent: dict[Purpose, bool]


class Lookup(BaseModel):
    """One of the two."""

    email: str | None = None
    phone: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Lookup":
        if (self.email is None) == (self.phone is None):
            raise ValueError("give either email or phone")
        return self


class Found(BaseModel):
    customer_ids: list[str]


def create_app(store: Store, cache: ViewCache, vault: Vault, events: EventStream, tokens: Tokens) -> FastAPI:
    """The service over these stores; closes them when it ends."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        retrying = asyncio.create_task(_retry_invalidations(store))
        noting = asyncio.create_task(reads.run())
        yield
        reads.end()
        await noting
        retrying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await retrying
        await events.close()
        await cache.close()
        await store.engine.dispose()

    app = FastAPI(title="Rapport profiles", lifespan=lifespan)
    app.router.route_class = AdmittingRoute
    reads = app.state.reads = ReadLog(store.engine)
    app.state.store, app.state.cache, app.state.vault = store, cache, vault
    app.state.events = events
    app.state.access = Access(store.engine, tokens, Policy(), load_limits(), RateLimiter(cache.redis))
    app.add_middleware(AllowanceHeaders)
    app.add_middleware(BodyLimit, longest=LONGEST_BODY)
    problems.install(app)
    _install_handlers(app)
    _add_routes(app)
    return app


async def _retry_invalidations(store: Store) -> None:
    while True:
        try:
            await store.invalidate_pending()
        except (OperationalError, InterfaceError, PoolTimeout) as error:
            log.warning("pending invalidations not read", error=error)
        await asyncio.sleep(RETRY_SECONDS)


def _install_handlers(app: FastAPI) -> None:
    @app.exception_handler(UnknownCustomer)
    async def _unknown(_request: Request, _error: UnknownCustomer) -> JSONResponse:
        return problems.response(404, "unknown-customer", "There is no customer of this id.")

    @app.exception_handler(InteractionTaken)
    async def _taken(_request: Request, _error: InteractionTaken) -> JSONResponse:
        return problems.response(409, "interaction-taken", "This interaction id belongs to another customer.")

    @app.exception_handler(MergedAway)
    async def _merged_away(_request: Request, error: MergedAway) -> JSONResponse:
        return problems.response(409, "merged-away", f"{error}.")

    @app.exception_handler(ErasedCustomers)
    async def _erased(_request: Request, _error: ErasedCustomers) -> JSONResponse:
        return problems.response(
            409, "erased-customer", "This customer was erased at their wish and is not added again."
        )

    async def unavailable(request: Request, error: Exception) -> JSONResponse:
        log.error("database unavailable", path=request.scope["route"].path, error=type(error).__name__)
        return problems.response(
            503, "database-unavailable", "The database does not answer; try again in a moment."
        )

    for kind in (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError):
        app.add_exception_handler(kind, unavailable)


def _add_routes(app: FastAPI) -> None:
    app.include_router(security_routes.make_router())
    app.include_router(collect.make_router())
    app.include_router(identity.make_router())
    app.include_router(quality.make_router())
    app.include_router(traits.make_router())
    app.include_router(customers.make_router())
    app.include_router(rights.make_router())
    app.include_router(preferences.make_router())

    @app.get("/health")
    async def health(store: Keep, response: Response) -> dict[str, Any]:
        """Ready when the database answers. Without Redis the service works, only slower."""
        reason = await database.problem_with(store.engine) or app.state.reads.problem()
        if reason:
            response.status_code = 503
            return {"status": "failing", "service": "profiles", "reason": reason}
        try:
            await app.state.cache.ping()
        except RedisError:
            return {"status": "ready", "service": "profiles", "cache": "down"}
        return {"status": "ready", "service": "profiles", "cache": "up"}

    reads_view = Depends(audited("view"))

    @app.get(
        "/api/customer/{customer_id}", response_model=CustomerView | EarlierView, dependencies=[reads_view]
    )
    async def view(
        customer_id: Id,
        store: Keep,
        purpose: Purpose = "service",
        at: Moment | None = None,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The customer as the purpose may see them now: as they are, or as they were `at` a time.

        A person's read (role agent) is audited.
        """
        if at is None:
            found = await store.view(customer_id, purpose)
        elif at <= datetime.now(UTC):
            found = await store.view_at(customer_id, purpose, at)
        else:
            raise Problem(
                422, "invalid-request", "What a customer will be is not known: `at` is in the future."
            )
        return tagged(found, found.version, if_none_match)

    @app.get("/api/customer/{customer_id}/details", dependencies=[Depends(audited("details"))])
    async def details(customer_id: GoldenId, store: Keep, vault: Secrets) -> dict[str, Any]:
        """Name, address, birth date, how to reach them and their newest contacts, for people only; audited."""
        return await people.details(store.engine, vault, customer_id)

    @app.put("/api/customer/{customer_id}", dependencies=[Writer])
    async def put(customer_id: Id, record: CustomerRecord, store: Keep) -> dict[str, str]:
        """Add or replace a customer; consents and interactions are added to those known."""
        if record.customer_id != customer_id:
            raise Problem(422, "invalid-request", "The customer_id of the body is not that of the address.")
        await store.write([record])
        return {"customer_id": customer_id}

    @app.put("/api/customer/{customer_id}/consent", dependencies=[Writer])
    async def state_consent(customer_id: Id, statement: ConsentStatement, store: Keep) -> Allowed:
        """Note what the customer said about one purpose; answers what is allowed now."""
        return Allowed(customer_id=customer_id, consent=await store.state_consent(customer_id, statement))

    @app.post("/api/interactions", status_code=202, dependencies=[Writer])
    async def record_interaction(interaction: Interaction, store: Keep) -> Accepted:
        """Add or, by its id, replace an interaction; attributes and segments follow at once."""
        version = await store.record_interaction(interaction)
        return Accepted(customer_id=interaction.customer_id, version=version)

    @app.post("/api/lookup")
    async def lookup(
        request: Request, asked: Lookup, store: Keep, vault: Secrets, caller: LookingUp
    ) -> Found:
        """Customers by e-mail address or phone number, however it is spelt (a body, for addresses are logged)."""
        if asked.email is not None:
            found = await people.find(store.engine, vault, "email", asked.email)
        else:
            found = await people.find(store.engine, vault, "phone", asked.phone or "")
        said = request.headers
        await note_reads(
            request,
            caller,
            "lookup",
            found,
            actor=said.get("Rapport-Actor"),
            reason=said.get("Rapport-Reason"),
        )
        return Found(customer_ids=found)
