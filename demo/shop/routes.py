"""The calls of the order API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from common.auth import require_key
from common.problems import Problem
from demo.catalogue import Catalogue, Product, Sku
from demo.policy import Policy
from demo.shop import changing, documents, products, reading
from demo.shop.once import fingerprint, once
from demo.shop.reading import CUSTOMER_ID, ORDER_ID, Who
from demo.shop.tables import OrderRow


@dataclass(frozen=True)
class Shop:
    """What every call needs."""

    sessions: async_sessionmaker[AsyncSession]
    catalogue: Catalogue
    policy: Policy
    api_key: str
    data_key: bytes
    clock: Callable[[], datetime]

    def moment(self) -> changing.Moment:
        return changing.Moment(self.policy, self.clock())


async def get_shop(request: Request) -> Shop:
    """The shop of this app, for one who has its key. Async, so that the framework needs no thread for it."""
    shop: Shop = request.app.state.shop
    require_key(request, shop.api_key)
    return shop


OpenShop = Annotated[Shop, Depends(get_shop)]
OrderId = Annotated[str, Path(pattern=ORDER_ID)]
CustomerId = Annotated[str, StringConstraints(pattern=CUSTOMER_ID)]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254)]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]

#: Written by hand: the answer is kept as it was given, not built from the model again.
CHANGED: dict[int | str, dict[str, Any]] = {200: {"model": documents.ChangedOrder}}

router = APIRouter(dependencies=[Depends(get_shop)])


def _storable(note: str) -> str:
    return note.replace("\x00", "")[:500]


#: A customer's own words: cut after 500 characters rather than refused.
Note = Annotated[str, AfterValidator(_storable)]


class CancelRequest(BaseModel):
    """Who asks: one of `customer_id` and `email`."""

    customer_id: CustomerId | None = None
    email: Email | None = None
    reason: Note | None = None


class ReturnRequest(CancelRequest):
    """`items` are skus of the order; none named means all that are left."""

    items: list[Sku] | None = Field(default=None, max_length=50)


class FoundProducts(BaseModel):
    products: list[Product]


class ProductPage(Product):
    """A product with what is made for it."""

    accessories: list[Product]


@router.get("/orders")
async def list_orders(shop: OpenShop, customer_id: Annotated[CustomerId, Query()]) -> documents.Orders:
    """A customer's orders, newest first; an e-mail address alone is not enough to see them all."""
    async with shop.sessions() as session:
        rows = await reading.orders_of(session, customer_id)
        return documents.Orders(orders=[documents.order(row, shop.policy, shop.clock()) for row in rows])


@router.get("/orders/{order_id}")
async def one_order(
    shop: OpenShop,
    order_id: OrderId,
    customer_id: Annotated[CustomerId | None, Query()] = None,
    email: Annotated[Email | None, Query()] = None,
) -> documents.Order:
    async with shop.sessions() as session:
        row = await reading.own_order(session, order_id, Who(customer_id, email), shop.data_key)
        return documents.order(row, shop.policy, shop.clock())


@router.post("/orders/{order_id}/cancel", responses=CHANGED)
async def cancel_order(shop: OpenShop, order_id: OrderId, asked: CancelRequest, key: Key) -> JSONResponse:
    """Cancel an order; the same Idempotency-Key again answers the same and does nothing."""

    async def act(session: AsyncSession, order: OrderRow) -> documents.ChangedOrder:
        return await changing.cancel(session, order, shop.moment())

    who = Who(asked.customer_id, asked.email)
    return await _once(shop, _Change("cancel", order_id, {}), who, key, act)


@router.post("/orders/{order_id}/returns", responses=CHANGED)
async def return_items(shop: OpenShop, order_id: OrderId, asked: ReturnRequest, key: Key) -> JSONResponse:
    """Register a return; the same Idempotency-Key again answers the same and does nothing."""

    async def act(session: AsyncSession, order: OrderRow) -> documents.ChangedOrder:
        return await changing.send_back(session, order, asked.items, asked.reason, shop.moment())

    change = _Change("return", order_id, {"items": sorted(asked.items or [])})
    return await _once(shop, change, Who(asked.customer_id, asked.email), key, act)


@dataclass(frozen=True)
class _Change:
    """What is asked for: part of what makes two requests the same."""

    act: Literal["cancel", "return"]
    order_id: str
    details: dict[str, Any]


async def _once(
    shop: Shop,
    change: _Change,
    who: Who,
    key: str,
    act: Callable[[AsyncSession, OrderRow], Awaitable[documents.ChangedOrder]],
) -> JSONResponse:
    async with shop.sessions.begin() as session:
        # Before the key is looked at: a stranger who knows a key must not read what it answered.
        seen = await reading.own_order(session, change.order_id, who, shop.data_key)

        async def act_on_locked() -> dict[str, Any]:
            order = await reading.own_order(session, change.order_id, who, shop.data_key, lock=True)
            changed = await act(session, order)
            return changed.model_dump(mode="json", by_alias=True)

        mark = fingerprint(change.act, change.order_id, seen.customer_id, change.details)
        document = await once(session, key, mark, act_on_locked)
    return JSONResponse(document)


@router.get("/refunds")
async def list_refunds(
    shop: OpenShop,
    customer_id: Annotated[CustomerId | None, Query()] = None,
    order_id: Annotated[str | None, Query(pattern=ORDER_ID)] = None,
    email: Annotated[Email | None, Query()] = None,
) -> documents.Refunds:
    """Refunds of a customer, or of one order for its customer, newest first."""
    who = Who(customer_id, email)
    async with shop.sessions() as session:
        if order_id is not None:
            customer_id = (await reading.own_order(session, order_id, who, shop.data_key)).customer_id
        if customer_id is None:
            raise Problem(422, "order-missing", "An e-mail address needs the order_id with it.")
        rows = await reading.refunds_of(session, customer_id, order_id)
        return documents.Refunds(refunds=[documents.Refund.of(row) for row in rows])


@router.get("/payments")
async def list_payments(shop: OpenShop, customer_id: Annotated[CustomerId, Query()]) -> documents.Payments:
    """A customer's payments, newest first."""
    async with shop.sessions() as session:
        rows = await reading.payments_of(session, customer_id)
        return documents.Payments(payments=[documents.Payment.of(row) for row in rows])


@router.get("/products")
async def find_products(
    shop: OpenShop, query: Annotated[str, Query(min_length=1, max_length=200)]
) -> FoundProducts:
    """Up to five products that are called something like `query`, best first."""
    return FoundProducts(products=products.search(shop.catalogue, query))


@router.get("/products/{sku}")
async def one_product(shop: OpenShop, sku: str) -> ProductPage:
    product = shop.catalogue.by_sku().get(sku)
    if product is None:
        raise Problem(404, "unknown-product", "There is no such product.")
    return ProductPage(**product.model_dump(), accessories=shop.catalogue.accessories(sku))


@router.get("/policy")
async def policy(shop: OpenShop) -> Policy:
    """What the shop promises."""
    return shop.policy
