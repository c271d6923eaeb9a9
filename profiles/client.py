"""The profile service for other rooms: cached, bounded in time, with the last known answer when it is down."""

import asyncio
import hashlib
import logging
import random
import time
from typing import Any, Literal

import httpx
from circuitbreaker import CircuitBreaker
from pydantic import BaseModel, ConfigDict, ValidationError
from redis import RedisError

from profiles.protocol import (
    READ_CACHED,
    READS_STREAM,
    CachedView,
    Contact,
    CustomerView,
    Interaction,
    Issue,
    Outcome,
    Purpose,
    UnknownCustomer,
    stale_key,
    view_key,
)
from profiles.redis_connection import connect

__all__ = [
    "Contact",
    "Interaction",
    "Issue",
    "Outcome",
    "ProfileView",
    "ProfilesClient",
    "ProfilesUnavailable",
    "Purpose",
    "UnknownCustomer",
]

log = logging.getLogger(__name__)

WRITE_SECONDS = 2.0
#: Kept open longer than a customer thinks; the service keeps them longer still.
KEEP_ALIVE_SECONDS = 60
FIRST_PAUSE_SECONDS = 0.02
TRANSIENT = frozenset({502, 503, 504})
#: After so many calls without an answer the service is left alone for a while, and nobody waits for it.
FAILURES = 5
REST_SECONDS = 2

Source = Literal["cache", "service", "stale"]


class ProfilesUnavailable(Exception):
    """The service gave no usable answer in time, and there is no copy to fall back to."""


class _NoAnswer(ProfilesUnavailable):
    """The service did not answer in time; a refusal is an answer."""


class ProfileView(BaseModel):
    """A customer as one purpose may see them, and where that came from.

    `stale` is the last known view while the service can't be reached; `age_seconds` says how old the view is.
    """

    model_config = ConfigDict(frozen=True)

    customer_id: str
    version: int
    purpose: Purpose
    consent: dict[Purpose, bool]
    attributes: dict[str, Any]
    source: Source
    age_seconds: float


class ProfilesClient:
    """One for each process and event loop; its connections are reused. Close it, or use it in `async with`.

    Args:
        url: base URL of the service.
        key: this caller's API key.
        redis_url: where the service keeps its views.
        timeout: seconds that one reading may take over HTTP, retries included.
    """

    def __init__(self, url: str, key: str, redis_url: str, timeout: float = 0.4) -> None:
        self._timeout = timeout
        self._redis = connect(redis_url)
        self._read_cached = self._redis.register_script(READ_CACHED)
        self._key_hash = hashlib.sha256(key.encode()).hexdigest()
        self._breaker = CircuitBreaker(
            failure_threshold=FAILURES, recovery_timeout=REST_SECONDS, expected_exception=_NoAnswer
        )
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=WRITE_SECONDS,  # of each step; the budget of a call bounds it as a whole
            trust_env=False,  # an inner service is never behind the proxy of the machine
            limits=httpx.Limits(max_keepalive_connections=20, keepalive_expiry=KEEP_ALIVE_SECONDS),
        )

    async def __aenter__(self) -> "ProfilesClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()
        await self._redis.aclose()

    async def view(self, customer_id: str, purpose: Purpose = "service") -> ProfileView:
        """The customer: from the cache, else from the service, else the last known view (a day old at most).

        Raises:
            UnknownCustomer
            ProfilesUnavailable
        """
        redis_answers = True
        try:
            cached = await self._cached(customer_id, purpose, "cache")
        except RedisError as error:
            log.warning("profile cache not read: %s", type(error).__name__)
            cached, redis_answers = None, False
        if cached:
            return cached
        try:
            response = await self._ask(
                "GET", f"/api/customer/{customer_id}", self._timeout, params={"purpose": purpose}
            )
            view = CustomerView.model_validate_json(response.content)
        except (ProfilesUnavailable, ValidationError) as error:
            log.warning("profile service not read: %s", error)
            stale = await self._stale(customer_id, purpose) if redis_answers else None
            if stale:
                return stale
            raise ProfilesUnavailable(f"no profile view: {error}") from error
        return ProfileView(**dict(view), source="service", age_seconds=0.0)

    async def record_interaction(self, interaction: Interaction) -> None:
        """Add an interaction, or replace the one with the same id.

        Raises:
            UnknownCustomer
            ProfilesUnavailable: not known to be written; the same interaction may be sent again.
        """
        await self._ask("POST", "/api/interactions", WRITE_SECONDS, json=interaction.model_dump(mode="json"))

    async def _stale(self, customer_id: str, purpose: Purpose) -> ProfileView | None:
        try:
            return await self._cached(customer_id, purpose, "stale")
        except RedisError as error:
            log.warning("stale profile not read: %s", type(error).__name__)
            return None

    async def _cached(self, customer_id: str, purpose: Purpose, source: Source) -> ProfileView | None:
        key = (stale_key if source == "stale" else view_key)(customer_id, purpose)
        text = await self._read_cached(
            keys=[key, READS_STREAM], args=[self._key_hash, customer_id, purpose, source]
        )
        if text is None:
            return None
        try:
            kept = CachedView.model_validate_json(text)
        except ValidationError:  # written by another release of the service
            return None
        age = max(0.0, time.time() - kept.stored_at)
        return ProfileView(**dict(kept.view), source=source, age_seconds=age)

    async def _ask(self, method: str, path: str, seconds: float, **request: Any) -> httpx.Response:
        """Ask, unless the service has not answered lately; then only now and then somebody tries again."""
        if self._breaker.opened:
            raise ProfilesUnavailable("no answer lately")
        with self._breaker:
            response = await self._answer(method, path, seconds, **request)
        if response.is_success:
            return response
        kind = _problem_type(response)
        if response.status_code == 404 and kind == "unknown-customer":
            raise UnknownCustomer("the profile service does not know this customer")
        if response.status_code in {401, 403}:
            log.error("the profile service refuses this process's key: %s", kind)
        raise ProfilesUnavailable(f"refused with status {response.status_code}, {kind}")

    async def _answer(self, method: str, path: str, seconds: float, **request: Any) -> httpx.Response:
        """Ask until there is an answer or the time is up. Every request of this client may be repeated."""
        pause = FIRST_PAUSE_SECONDS
        problem = "no answer"
        try:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        response = await self._http.request(method, path, **request)
                        if response.status_code not in TRANSIENT:
                            return response
                        problem = f"status {response.status_code}"
                    except httpx.TransportError as error:
                        problem = type(error).__name__
                    await asyncio.sleep(pause * random.uniform(0.5, 1.5))
                    pause *= 2
        except TimeoutError:
            raise _NoAnswer(f"{problem} within {seconds:g} s") from None


def _problem_type(response: httpx.Response) -> str:
    try:
        content = response.json()
    except ValueError:
        return "no problem document"
    return str(content.get("type", "untyped")) if isinstance(content, dict) else "untyped"
