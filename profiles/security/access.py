"""Who calls, by key or token, and whether they may: known, allowed by the policy, and not too often."""

import time
from collections import OrderedDict

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common.problems import Problem
from profiles.keys import Caller, caller_of, key_hash
from profiles.security.clients import find_client
from profiles.security.limits import Limit, Limits, RateLimiter
from profiles.security.policy import Policy
from profiles.security.tokens import Tokens

#: A key that was taken away, or a client that was revoked, opens nothing after this.
KNOWN_SECONDS = 5.0
KNOWN_CALLERS = 10_000


class Access:
    """Lets callers in.

    Args:
        engine: where keys and clients are.
        tokens: reads theirs.
        policy: which role may call which route.
        limits: how often.
        limiter: counts.
    """

    def __init__(
        self, engine: AsyncEngine, tokens: Tokens, policy: Policy, limits: Limits, limiter: RateLimiter
    ) -> None:
        self.engine = engine
        self.tokens = tokens
        self.limits = limits
        self._policy = policy
        self._limiter = limiter
        self._known: OrderedDict[bytes, tuple[Caller, float]] = OrderedDict()

    async def admit(self, request: Request, credential: str) -> Caller:
        """The caller of a request, when they may make it.

        Raises:
            Problem: 401 nobody's key or token, 403 not allowed, 429 too often.
        """
        caller = await self._caller(credential)
        if caller is None:
            raise Problem(
                401, "wrong-key", "This key is not known here.", headers={"WWW-Authenticate": "Bearer"}
            )
        path: str = request.scope["route"].path
        own = caller.customer_id is not None and request.path_params.get("customer_id") == caller.customer_id
        if not self._policy.allows(_role(caller), path, request.method, own):
            whose = " but for the own record" if caller.role == "customer" else ""
            raise Problem(403, "not-allowed", f"The role {caller.role} may not do this{whose}.")
        # A service's token for one customer has a count of its own: no customer uses up what is the service's.
        counted = caller.name if caller.customer_id is None else f"{caller.name}:{caller.customer_id}"
        await self.count(request, counted, self.limits.of(caller.name, caller.role))
        return caller

    async def count(self, request: Request, name: str, limit: Limit) -> None:
        """One more request of somebody; what is left of their allowance goes into the answer's headers.

        Raises:
            Problem: 429
        """
        allowance = await self._limiter.take(name, limit)
        if allowance is None:
            return
        if not allowance.passes:
            raise Problem(
                429,
                "too-many-requests",
                f"More than {limit.per_second:g} requests a second; try again in a moment.",
                headers=allowance.headers(),
            )
        request.state.allowance = allowance

    async def _caller(self, credential: str) -> Caller | None:
        digest = key_hash(credential)
        known = self._known.get(digest)
        if known is not None and time.monotonic() < known[1]:
            return known[0]
        self._known.pop(digest, None)
        caller, seconds = await self._look_up(credential)
        if caller is not None:
            self._known[digest] = caller, time.monotonic() + min(KNOWN_SECONDS, seconds)
            if len(self._known) > KNOWN_CALLERS:
                self._known.popitem(last=False)
        return caller

    async def _look_up(self, credential: str) -> tuple[Caller | None, float]:
        """Whose key or token this is, and for how many seconds it is that for certain."""
        if credential.count(".") != 2:  # a token has three parts, and keys have no dots
            return await caller_of(self.engine, credential), KNOWN_SECONDS
        claims = self.tokens.read(credential)
        if claims is None:
            return None, 0.0
        async with self.engine.connect() as connection:
            client = await find_client(connection, claims.client_id)
        if client is None or client.revoked_at is not None:
            return None, 0.0
        through_service = claims.role == "customer" != client.role
        caller = Caller(claims.client_id, claims.role, claims.customer_id, through_service)
        return caller, claims.expires_at - time.time()


def _role(caller: Caller) -> str:
    """The caller's role in the policy."""
    return "customer_of_service" if caller.through_service else caller.role


class AllowanceHeaders:
    """Adds to each answer what is left of the caller's allowance."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            allowance = scope.get("state", {}).get("allowance")
            if message["type"] == "http.response.start" and allowance is not None:
                MutableHeaders(scope=message).update(allowance.headers())
            await send(message)

        await self._app(scope, receive, send_with_headers)
