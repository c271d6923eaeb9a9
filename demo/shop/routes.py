"""Calls that only read: orders, refunds, payments, products, policy."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel

from common.problems import Problem
from demo.catalogue import Product
from demo.policy import Policy
from demo.shop import documents, payments, products, reading
from demo.shop.reading import ORDER_ID, Who
from demo.shop.setting import CustomerId, Email, OpenShop, OrderId, get_shop

router = APIRouter(dependencies=[Depends(get_shop)])


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
        return documents.Orders(orders=[documents.order(row, shop.moment()) for row in rows])


@router.get("/orders/{order_id}")
async def one_order(
    shop: OpenShop,
    order_id: OrderId,
    customer_id: Annotated[CustomerId | None, Query()] = None,
    email: Annotated[Email | None, Query()] = None,
) -> documents.Order:
    async with shop.sessions() as session:
        row = await reading.own_order(session, order_id, Who(customer_id, email), shop.data_key)
        return documents.order(row, shop.moment())


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
async def list_payments(
    shop: OpenShop,
    customer_id: Annotated[CustomerId | None, Query()] = None,
    order_id: Annotated[str | None, Query(pattern=ORDER_ID)] = None,
    email: Annotated[Email | None, Query()] = None,
) -> documents.Payments:
    """Payments of a customer, or of one order for its customer, newest first."""
    who = Who(customer_id, email)
    async with shop.sessions() as session:
        if order_id is not None:
            return payments.of_order(await reading.own_order(session, order_id, who, shop.data_key))
        if customer_id is None:
            raise Problem(422, "order-missing", "An e-mail address needs the order_id with it.")
        rows = await reading.payments_of(session, customer_id)
        return documents.Payments(payments=[documents.Payment.of(row) for row in rows])


@router.get("/payments/{payment_id}")
async def one_payment(
    shop: OpenShop,
    payment_id: Annotated[str, Path(pattern=r"^PM-\d+$")],
    customer_id: Annotated[CustomerId | None, Query()] = None,
    order_id: Annotated[str | None, Query(pattern=ORDER_ID)] = None,
    email: Annotated[Email | None, Query()] = None,
) -> payments.PaymentDetail:
    """What became of a payment, and the next step."""
    async with shop.sessions() as session:
        return await payments.detail(session, payment_id, Who(customer_id, email), order_id, shop.moment())


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
