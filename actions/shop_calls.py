"""How the shop is called: blocking `requests` in threads, within one time budget for the whole turn."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import requests
import tenacity
from pydantic import BaseModel, ValidationError

from common.logs import get_logger

T = TypeVar("T", bound=BaseModel)
log = get_logger(__name__)

#: Seconds that all calls of one turn may take together, retries included.
BUDGET = 3.5
_ATTEMPT = 1.5  # seconds for one try, so that a second one fits into the budget
_TRANSIENT = {500, 502, 503, 504}


class ShopUnavailable(Exception):
    """The shop did not answer, or not in a way that can be understood, within the budget."""


class OrderNotFound(Exception):
    """No such order, or one of somebody else: the two are not told apart to whoever asks."""


class Refused(Exception):
    """The shop will not do it; the message is a sentence for the customer.

    Attributes:
        kind: the shop's short word for it, such as `open-orders`.
    """

    def __init__(self, detail: str, kind: str = "") -> None:
        super().__init__(detail)
        self.kind = kind


class NotAccepted(Refused):
    """What the customer gave can't be one: no address, no e-mail address. Another answer may do."""


@dataclass(frozen=True)
class Who:
    """On whose behalf the shop is asked: a known customer, or a visitor by e-mail address."""

    customer_id: str | None
    email: str | None = None

    def fields(self) -> dict[str, str]:
        if self.customer_id is not None:
            return {"customer_id": self.customer_id}
        return {"email": self.email or ""}


class Deadline:
    """The time budget of one turn and what of it was spent in the shop."""

    def __init__(self, seconds: float = BUDGET) -> None:
        self._end = time.monotonic() + seconds
        self.spent = 0.0

    def left(self) -> float:
        """Seconds left; never below zero."""
        return max(0.0, self._end - time.monotonic())


class Calls:
    """One shop's API. Every call raises `ShopUnavailable` when the turn's budget is used up."""

    def __init__(self, url: str, key: str, threads: int) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._local = threading.local()
        # Its own threads: a shop that hangs must not starve whatever else runs in the default ones.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="shop")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def get(self, shape: type[T], path: str, deadline: Deadline, params: dict[str, Any]) -> T:
        return self._shaped(shape, path, await self._call("GET", path, deadline, params=params))

    async def post(
        self, shape: type[T], path: str, deadline: Deadline, *, body: dict[str, Any], key: str
    ) -> T:
        """Change something; the same `key` again never does it twice."""
        answer = await self._call("POST", path, deadline, json=body, headers={"Idempotency-Key": key})
        return self._shaped(shape, path, answer)

    def _shaped(self, shape: type[T], path: str, answer: Any) -> T:
        try:
            return shape.model_validate(answer)
        except ValidationError as error:
            log.error(
                "shop answered in an unknown shape", path=path.split("/")[1], errors=error.error_count()
            )
            raise ShopUnavailable from None

    async def _call(self, method: str, path: str, deadline: Deadline, **more: Any) -> Any:
        began = time.monotonic()
        loop = asyncio.get_running_loop()
        try:
            work = loop.run_in_executor(self._threads, lambda: self._attempts(method, path, deadline, **more))
            # `requests` bounds each wait for bytes, not the whole: this bounds the whole.
            return await asyncio.wait_for(work, deadline.left())
        except TimeoutError:
            log.warning("shop too slow", method=method)
            raise ShopUnavailable from None
        finally:
            deadline.spent += time.monotonic() - began

    def _attempts(self, method: str, path: str, deadline: Deadline, **more: Any) -> Any:
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Transient),
            wait=tenacity.wait_random_exponential(multiplier=0.1, max=0.5),
            stop=_OutOfTime(deadline) | tenacity.stop_after_attempt(3),
            reraise=True,
        )
        try:
            return retrying(self._once, method, path, deadline, **more)
        except _Transient as error:
            log.warning("shop unavailable", method=method, error=str(error))
            raise ShopUnavailable from None

    def _once(self, method: str, path: str, deadline: Deadline, **more: Any) -> Any:
        try:
            response = self._session().request(
                method, self._url + path, timeout=max(0.05, min(_ATTEMPT, deadline.left())), **more
            )
        except requests.RequestException as error:
            raise _Transient(type(error).__name__) from None
        if response.status_code in _TRANSIENT:
            raise _Transient(str(response.status_code))
        if not response.ok:
            _refusal(response)
        try:
            return response.json()
        except requests.JSONDecodeError:
            raise _Transient("not JSON") from None

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.headers["Authorization"] = f"Bearer {self._key}"
            self._local.session.trust_env = False  # a look-up of proxies costs more than the call
        session: requests.Session = self._local.session
        return session


class _OutOfTime(tenacity.stop.stop_base):
    """No further try when it could not end within the budget."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return self._deadline.left() < 0.3


class _Transient(Exception):
    """Worth another try."""


def _refusal(response: requests.Response) -> NoReturn:
    try:
        problem = response.json()
    except requests.JSONDecodeError:
        problem = {}
    told = problem if isinstance(problem, dict) else {}
    kind, detail = str(told.get("type", "")), str(told.get("detail") or "The shop refused it.")
    if response.status_code == 422 and kind.startswith("not-a"):
        raise NotAccepted(detail, kind)
    if response.status_code == 409 or kind == "unknown-act":
        raise Refused(detail, kind)
    # 422 is an order id that can't be one.
    if response.status_code in {403, 404, 422}:
        raise OrderNotFound
    log.error("shop refused the call", status=response.status_code, kind=kind)
    raise ShopUnavailable
