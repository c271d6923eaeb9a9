"""Calls about what was ordered: changing it, its invoice, warranty and cases, and taking an act back."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.catalogue import Sku
from demo.shop import altering, cases, changing, documents, invoices, payments, reading, undoing
from demo.shop.acts import Moment
from demo.shop.addresses import Address
from demo.shop.reading import ORDER_ID, Who
from demo.shop.setting import (
    Asked,
    CustomerId,
    Email,
    Key,
    Note,
    OpenShop,
    OrderId,
    change_account,
    change_order,
    get_shop,
)
from demo.shop.tables import CaseKind, OrderRow, Remedy

router = APIRouter(dependencies=[Depends(get_shop)])

#: Written by hand: the answer is kept as it was given, not built from the model again.
CHANGED: dict[int | str, dict[str, Any]] = {200: {"model": documents.ChangedOrder}}

AskingCustomer = Annotated[CustomerId | None, Query(alias="customer_id")]
AskingEmail = Annotated[Email | None, Query(alias="email")]


class CancelRequest(Asked):
    reason: Note | None = None


class ReturnRequest(CancelRequest):
    """`items` are skus of the order; none named means all that are left."""

    items: list[Sku] | None = Field(default=None, max_length=50)


class AddressRequest(Asked):
    address: Address


class DayRequest(Asked):
    day: date


class Quantity(BaseModel):
    sku: Sku
    quantity: int = Field(ge=0, le=99)


class ItemsRequest(Asked):
    """The new quantities of lines of the order; 0 takes one out."""

    items: list[Quantity] = Field(min_length=1, max_length=50)


class InvoiceRequest(Asked):
    """`bill_to` is a name, such as a company's, that shall stand on it."""

    bill_to: Note | None = None


class CaseRequest(Asked):
    sku: Sku
    kind: CaseKind
    problem: Note
    remedy: Remedy


class UndoRequest(Asked):
    """One who gives an e-mail address names the order that the act was about too."""

    order_id: Annotated[str, Field(pattern=ORDER_ID)] | None = None


@router.post("/orders/{order_id}/cancel", responses=CHANGED)
async def cancel_order(shop: OpenShop, order_id: OrderId, asked: CancelRequest, key: Key) -> JSONResponse:
    """Cancel an order; the same Idempotency-Key again answers the same and does nothing."""
    return await change_order(
        shop, order_id, asked.who(), key, act="cancel", details={}, work=changing.cancel
    )


@router.post("/orders/{order_id}/returns", responses=CHANGED)
async def return_items(shop: OpenShop, order_id: OrderId, asked: ReturnRequest, key: Key) -> JSONResponse:
    """Register a return; the same Idempotency-Key again answers the same and does nothing."""

    async def work(session: AsyncSession, order: OrderRow, at: Moment) -> documents.ChangedOrder:
        return await changing.send_back(session, order, asked.items, asked.reason, at)

    details = {"items": sorted(asked.items or [])}
    return await change_order(shop, order_id, asked.who(), key, act="return", details=details, work=work)


@router.post("/orders/{order_id}/address", responses=CHANGED)
async def change_address(shop: OpenShop, order_id: OrderId, asked: AddressRequest, key: Key) -> JSONResponse:
    """Send an order that is not yet packed to another address."""

    async def work(session: AsyncSession, order: OrderRow, at: Moment) -> documents.ChangedOrder:
        return await altering.change_address(session, order, asked.address, at)

    return await change_order(
        shop, order_id, asked.who(), key, act="address", details=asked.address.model_dump(), work=work
    )


@router.post("/orders/{order_id}/day", responses=CHANGED)
async def change_day(shop: OpenShop, order_id: OrderId, asked: DayRequest, key: Key) -> JSONResponse:
    """Let an order that has not left the shop come on another day."""

    async def work(session: AsyncSession, order: OrderRow, at: Moment) -> documents.ChangedOrder:
        return await altering.change_day(session, order, asked.day, at)

    details = {"day": asked.day.isoformat()}
    return await change_order(shop, order_id, asked.who(), key, act="day", details=details, work=work)


@router.post("/orders/{order_id}/items", responses=CHANGED)
async def change_items(shop: OpenShop, order_id: OrderId, asked: ItemsRequest, key: Key) -> JSONResponse:
    """Give lines of an order that is not yet packed other quantities."""
    wanted = {line.sku: line.quantity for line in asked.items}

    async def work(session: AsyncSession, order: OrderRow, at: Moment) -> documents.ChangedOrder:
        return await altering.change_items(session, order, wanted, at)

    return await change_order(shop, order_id, asked.who(), key, act="items", details=wanted, work=work)


@router.get("/orders/{order_id}/invoice")
async def one_invoice(
    shop: OpenShop, order_id: OrderId, customer_id: AskingCustomer = None, email: AskingEmail = None
) -> invoices.Invoice:
    async with shop.sessions() as session:
        order = await reading.own_order(session, order_id, Who(customer_id, email), shop.data_key)
        return invoices.invoice(order, shop.moment())


@router.post("/orders/{order_id}/invoice", responses={200: {"model": invoices.SentInvoice}})
async def send_invoice(shop: OpenShop, order_id: OrderId, asked: InvoiceRequest, key: Key) -> JSONResponse:
    """Mail the invoice to its customer."""

    async def work(session: AsyncSession, order: OrderRow, at: Moment) -> invoices.SentInvoice:
        return await invoices.send(session, order, asked.bill_to, at)

    return await change_order(
        shop, order_id, asked.who(), key, act="invoice", details={"for": asked.bill_to}, work=work
    )


@router.get("/orders/{order_id}/warranty")
async def warranty(
    shop: OpenShop, order_id: OrderId, customer_id: AskingCustomer = None, email: AskingEmail = None
) -> cases.Warranties:
    async with shop.sessions() as session:
        order = await reading.own_order(session, order_id, Who(customer_id, email), shop.data_key)
        return await cases.warranties(session, order, shop.moment())


@router.get("/orders/{order_id}/cases")
async def list_cases(
    shop: OpenShop, order_id: OrderId, customer_id: AskingCustomer = None, email: AskingEmail = None
) -> cases.Cases:
    async with shop.sessions() as session:
        order = await reading.own_order(session, order_id, Who(customer_id, email), shop.data_key)
        return await cases.cases(session, order)


@router.post("/orders/{order_id}/cases", responses={200: {"model": cases.OpenedCase}})
async def open_case(shop: OpenShop, order_id: OrderId, asked: CaseRequest, key: Key) -> JSONResponse:
    """Report a defect, or claim on the warranty."""
    new = cases.NewCase(sku=asked.sku, kind=asked.kind, problem=asked.problem, remedy=asked.remedy)

    async def work(session: AsyncSession, order: OrderRow, at: Moment) -> cases.OpenedCase:
        return await cases.open_case(session, order, new, at)

    return await change_order(
        shop, order_id, asked.who(), key, act="case", details=new.model_dump(), work=work
    )


@router.post("/orders/{order_id}/payment-link", responses={200: {"model": payments.SentPaymentLink}})
async def send_payment_link(shop: OpenShop, order_id: OrderId, asked: Asked, key: Key) -> JSONResponse:
    """Mail a link for paying an order whose payment failed."""
    return await change_order(
        shop, order_id, asked.who(), key, act="payment-link", details={}, work=payments.send_link
    )


@router.post("/acts/{act_id}/undo", responses={200: {"model": undoing.Undone}})
async def undo(
    shop: OpenShop, act_id: Annotated[str, Path(pattern=r"^AC-\d+$")], asked: UndoRequest, key: Key
) -> JSONResponse:
    """Take an act back while there is time."""
    customer_id = asked.customer_id
    if customer_id is None:
        if asked.order_id is None:
            raise Problem(422, "order-missing", "An e-mail address needs the order_id with it.")
        async with shop.sessions() as session:
            order = await reading.own_order(session, asked.order_id, asked.who(), shop.data_key)
        customer_id = order.customer_id
    owner = customer_id

    async def work(session: AsyncSession, at: Moment) -> undoing.Undone:
        return await undoing.undo(session, act_id, owner, at)

    return await change_account(shop, owner, key, act="undo", details={"act": act_id}, work=work)
