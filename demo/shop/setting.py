"""What the calls of the order API share: the shop as it stands, who asks, and a change that is done once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from common.auth import require_key
from demo.catalogue import Catalogue
from demo.policy import Policy
from demo.shop import reading
from demo.shop.acts import Moment
from demo.shop.once import fingerprint, once
from demo.shop.reading import CUSTOMER_ID, ORDER_ID, Who
from demo.shop.sealing import Sealer
from demo.shop.tables import OrderRow


@dataclass(frozen=True)
class Shop:
    """What every call needs."""

    sessions: async_sessionmaker[AsyncSession]
    catalogue: Catalogue
    policy: Policy
    api_key: str
    data_key: bytes
    sealer: Sealer
    clock: Callable[[], datetime]

    def moment(self) -> Moment:
        return Moment(self.policy, self.catalogue, self.sealer, self.data_key, self.clock())


async def get_shop(request: Request) -> Shop:
    """The shop of this app, for one who has its key. Async, so that the framework needs no thread for it."""
    shop: Shop = request.app.state.shop
    require_key(request, shop.api_key)
    return shop


def _storable(note: str) -> str:
    return note.replace("\x00", "")[:500]


OpenShop = Annotated[Shop, Depends(get_shop)]
OrderId = Annotated[str, Path(pattern=ORDER_ID)]
CustomerId = Annotated[str, StringConstraints(pattern=CUSTOMER_ID)]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]
#: A customer's own words: cut after 500 characters rather than refused.
Note = Annotated[str, AfterValidator(_storable)]


class Asked(BaseModel):
    """Who asks: one of `customer_id` and `email`."""

    customer_id: CustomerId | None = None
    email: Email | None = None

    def who(self) -> Who:
        return Who(self.customer_id, self.email)


async def change_order(
    shop: Shop,
    order_id: str,
    who: Who,
    key: str,
    *,
    act: str,
    details: dict[str, Any],
    work: Callable[[AsyncSession, OrderRow, Moment], Awaitable[BaseModel]],
) -> JSONResponse:
    """Do `work` on the locked order, once for this key.

    Args:
        act, details: what makes two requests the same.
    """
    async with shop.sessions.begin() as session:
        at = shop.moment()
        # Before the key is looked at: a stranger who knows a key must not read what it answered.
        seen = await reading.own_order(session, order_id, who, shop.data_key)

        async def work_on_locked() -> dict[str, Any]:
            order = await reading.own_order(session, order_id, who, shop.data_key, lock=True)
            return (await work(session, order, at)).model_dump(mode="json", by_alias=True)

        mark = fingerprint(act, order_id, seen.customer_id, details)
        document = await once(session, shop.sealer, key, mark, work_on_locked)
    return JSONResponse(document)


async def change_account(
    shop: Shop,
    subject: str,
    key: str,
    *,
    act: str,
    details: dict[str, Any],
    work: Callable[[AsyncSession, Moment], Awaitable[BaseModel]],
) -> JSONResponse:
    """Do `work` for this subject (a customer, or an e-mail address as a hash), once for this key."""
    async with shop.sessions.begin() as session:
        at = shop.moment()

        async def do() -> dict[str, Any]:
            return (await work(session, at)).model_dump(mode="json", by_alias=True)

        mark = fingerprint(act, "", subject, details)
        document = await once(session, shop.sealer, key, mark, do)
    return JSONResponse(document)
