"""Client of the shop's order API: blocking `requests` in threads, within one time budget for the whole turn."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote

import requests
import tenacity
from pydantic import BaseModel, ConfigDict, ValidationError

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
    """The shop will not do it; the message is a sentence for the customer."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Item(_Record):
    sku: str
    name: str
    quantity: int = 1
    price: float = 0.0


class Order(_Record):
    order_id: str
    status: str
    placed_at: datetime
    expected_at: datetime | None = None
    delivered_at: datetime | None = None
    carrier: str | None = None
    tracking_code: str | None = None
    items: list[Item]
    total: float
    payment_method: str = "card"
    cancellable: bool = False
    returnable: bool = False


class Refund(_Record):
    refund_id: str
    order_id: str
    amount: float
    status: str
    method: str | None = None
    requested_at: datetime | None = None
    expected_at: datetime | None = None
    paid_at: datetime | None = None


class Payment(_Record):
    payment_id: str
    order_id: str
    amount: float
    status: str
    method: str | None = None
    at: datetime


class _Orders(_Record):
    orders: list[Order]


class _Refunds(_Record):
    refunds: list[Refund]


class _Payments(_Record):
    payments: list[Payment]


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


class Shop:
    """The order API. Every method raises `ShopUnavailable` when the turn's budget is used up."""

    def __init__(self, url: str, key: str, threads: int = 16) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._local = threading.local()
        # Its own threads: a shop that hangs must not starve whatever else runs in the default ones.
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="shop")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def orders(self, who: Who, deadline: Deadline) -> list[Order]:
        """The customer's orders, newest first."""
        found = await self._ask(_Orders, "GET", "/orders", deadline, params=who.fields())
        return found.orders

    async def order(self, order_id: str, who: Who, deadline: Deadline) -> Order:
        """One order of theirs.

        Raises:
            OrderNotFound: there is none for them under this id.
        """
        return await self._ask(Order, "GET", f"/orders/{quote(order_id)}", deadline, params=who.fields())

    async def refunds(self, who: Who, order_id: str | None, deadline: Deadline) -> list[Refund]:
        params = who.fields() | ({"order_id": order_id} if order_id else {})
        return (await self._ask(_Refunds, "GET", "/refunds", deadline, params=params)).refunds

    async def payments(self, who: Who, deadline: Deadline) -> list[Payment]:
        return (await self._ask(_Payments, "GET", "/payments", deadline, params=who.fields())).payments

    async def cancel(self, order_id: str, who: Who, key: str, deadline: Deadline) -> dict[str, Any]:
        """Cancel; the same `key` again never does it twice.

        Raises:
            OrderNotFound, Refused: as the shop says.
        """
        return await self._act(f"/orders/{quote(order_id)}/cancel", who.fields(), key, deadline)

    async def send_back(
        self, order_id: str, who: Who, key: str, deadline: Deadline, *, reason: str, skus: list[str]
    ) -> dict[str, Any]:
        """Register a return of these items; the same `key` again never does it twice.

        Raises:
            OrderNotFound, Refused: as the shop says.
        """
        body = {**who.fields(), "reason": reason, "items": skus}
        return await self._act(f"/orders/{quote(order_id)}/returns", body, key, deadline)

    async def _act(self, path: str, body: dict[str, Any], key: str, deadline: Deadline) -> dict[str, Any]:
        answer = await self._call("POST", path, deadline, json=body, headers={"Idempotency-Key": key})
        return answer if isinstance(answer, dict) else {}

    async def _ask(self, shape: type[T], method: str, path: str, deadline: Deadline, **more: Any) -> T:
        answer = await self._call(method, path, deadline, **more)
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
    kind = problem.get("type", "") if isinstance(problem, dict) else ""
    # 422 is an order id that can't be one.
    if kind in {"unknown-order", "not-your-order"} or response.status_code in {403, 404, 422}:
        raise OrderNotFound
    if response.status_code == 409:
        raise Refused(str(problem.get("detail") or "The shop refused it."))
    log.error("shop refused the call", status=response.status_code, kind=kind)
    raise ShopUnavailable
