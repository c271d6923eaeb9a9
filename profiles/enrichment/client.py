"""A partner's API: OAuth 2 client credentials, bounded in time, tried again while it makes sense."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from common.logs import get_logger
from profiles.enrichment.partners import Access, Partner

log = get_logger(__name__)

#: Seconds for each answer.
PATIENCE = 5.0
TRIES = 4
#: Waits between tries grow to this, and a partner who asks for more is not waited for. Seconds.
LONGEST_WAIT = 20.0
#: A person's answer is short.
LONGEST_ANSWER = 64 * 1024

_NOT_FOUND, _NO_TOKEN, _TOO_MANY = 404, 401, 429


class PartnerUnavailable(Exception):
    """The partner gave no usable answer, however often it was asked; the message says why. Try later."""


class PartnerRefused(Exception):
    """The partner does not take us, or what we ask: it is of no use to ask again."""


class UnusableAnswer(Exception):
    """What the partner answered about one person can't be understood."""


class Answer(BaseModel):
    """What a partner says about a person. It may name its own, narrower terms."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    attributes: dict[str, Any] = Field(default_factory=dict)
    licence: str | None = Field(default=None, min_length=1, max_length=80)
    expires_at: AwareDatetime | None = None


class _Passing(Exception):
    """May be different the next time; after so many seconds if the partner says so."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


class PartnerClient:
    """Asks one partner. Use it in `async with`.

    Args:
        wait: seconds before a try, given the state of the tries before; by default longer each time, at random.
        patience: seconds for each answer.
    """

    def __init__(
        self,
        partner: Partner,
        access: Access,
        *,
        wait: Callable[[RetryCallState], float] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._partner = partner
        self._wait = wait or wait_random_exponential(multiplier=0.5, max=LONGEST_WAIT)
        self._token_url = f"{access.url}{partner.token}"
        self._url = f"{access.url}{partner.path}"
        self._signing_in = asyncio.Lock()
        self._http = AsyncOAuth2Client(
            client_id=access.client_id,
            client_secret=access.client_secret,
            scope=partner.scope,
            token_endpoint=self._token_url,
            grant_type="client_credentials",
            timeout=patience,
            follow_redirects=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(self, email_sha256: str) -> Answer | None:
        """What the partner knows of whoever has this e-mail address; None when it knows nobody.

        Raises:
            PartnerUnavailable, PartnerRefused, UnusableAnswer
        """
        try:
            async for attempt in AsyncRetrying(
                stop=stop_after_attempt(TRIES),
                wait=self._pause,
                retry=retry_if_exception_type(_Passing),
                reraise=True,
            ):
                with attempt:
                    return await self._ask(email_sha256)
        except _Passing as error:
            raise PartnerUnavailable(f"{self._partner.name}: {error}") from None
        raise AssertionError("unreachable: the last try returns or raises")

    def _pause(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.seconds if isinstance(error, _Passing) else 0.0
        return max(self._wait(state), asked)

    async def _ask(self, email_sha256: str) -> Answer | None:
        await self._sign_in()
        with self._in_our_words():
            response = await self._send({"email_sha256": email_sha256})
        if response.status_code == _NOT_FOUND:
            return None
        if response.status_code == _NO_TOKEN:
            self._http.token = None
            raise _Passing("our token is not taken")
        _check(self._partner.name, response)
        if len(response.content) > LONGEST_ANSWER:
            raise UnusableAnswer("too long")
        try:
            return Answer.model_validate_json(response.content)
        except ValidationError as error:
            raise UnusableAnswer(f"{error.error_count()} faults") from None

    async def _sign_in(self) -> None:
        """Get a token when there is none; one that runs out is renewed by the client itself."""
        async with self._signing_in:
            if self._http.token:
                return
            with self._in_our_words():
                token = await self._http.fetch_token(self._token_url, grant_type="client_credentials")
            if "access_token" not in token:
                self._http.token = None
                raise PartnerRefused(f"{self._partner.name}: no token")

    async def _send(self, body: dict[str, str]) -> httpx2.Response:
        # Renews the token before, when it has run out.
        response: httpx2.Response = await self._http.post(self._url, json=body)
        return response

    @contextlib.contextmanager
    def _in_our_words(self) -> Iterator[None]:
        """What Authlib and the network raise, as what it means here."""
        try:
            yield
        except httpx2.HTTPStatusError as error:
            _check(self._partner.name, error.response)
        except (httpx2.TransportError, ValueError) as error:
            raise _Passing(f"no answer ({type(error).__name__})") from None
        except AuthlibBaseError as error:
            if error.error == "missing_token":  # another task has just put it away
                raise _Passing("no token yet") from None
            raise PartnerRefused(f"{self._partner.name}: no token ({error.error})") from None


def _check(name: str, response: httpx2.Response) -> None:
    status = response.status_code
    if status == _TOO_MANY or status >= 500:
        seconds = response.headers.get("Retry-After", "0")
        wanted = float(seconds) if seconds.isdigit() else 0.0
        if wanted > LONGEST_WAIT:
            raise PartnerUnavailable(f"{name}: asks us to come again in {wanted:.0f} s")
        raise _Passing(f"status {status}", wanted)
    if not response.is_success:
        raise PartnerRefused(f"{name}: status {status}")
