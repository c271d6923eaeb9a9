"""Invoices: what was charged for an order, with the VAT in it."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.shop import accounts, addresses, mail
from demo.shop.acts import Moment
from demo.shop.changing import charged_of
from demo.shop.tables import OrderRow
from demo.shop.wording import money


class Line(BaseModel):
    """`amount` is `quantity` times `price`, VAT included, in GBP."""

    sku: str
    name: str
    quantity: int
    price: float
    amount: float


class Invoice(BaseModel):
    """Amounts in GBP; `total` = `net` + `vat`. `link` opens for its signed-in customer."""

    invoice_number: str
    order_id: str
    issued_at: datetime
    lines: list[Line]
    delivery_fee: float
    net: float
    vat: float
    vat_percent: int
    total: float
    paid: bool
    bill_to: str | None
    link: str


class SentInvoice(BaseModel):
    """`sent_to` is masked."""

    invoice: Invoice
    sent_to: str
    message: str


def invoice(order: OrderRow, at: Moment, bill_to: str | None = None) -> Invoice:
    """The invoice of an order that has left the shop.

    Raises:
        Problem: 409 `no-invoice`, with a sentence for the customer.
    """
    if order.status == "cancelled":
        raise Problem(
            409, "no-invoice", "The order was cancelled before it was billed, so it has no invoice."
        )
    if order.shipped_at is None:
        raise Problem(
            409, "no-invoice", "The invoice is issued when the order leaves us, and it has not yet."
        )
    percent = at.policy.payments.vat_percent
    net = (order.total * 100 / (100 + percent)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    number = f"HV-{order.shipped_at:%Y}-{order.order_id.removeprefix('RP-')}"
    return Invoice(
        invoice_number=number,
        order_id=order.order_id,
        issued_at=order.shipped_at,
        lines=[
            Line(
                sku=item.sku,
                name=item.name,
                quantity=item.quantity,
                price=float(item.price),
                amount=float(item.price * item.quantity),
            )
            for item in order.items
        ],
        delivery_fee=float(order.delivery_fee),
        net=float(net),
        vat=float(order.total - net),
        vat_percent=percent,
        total=float(order.total),
        paid=charged_of(order) >= order.total,
        bill_to=bill_to,
        link=f"{mail.SITE}/invoices/{number}",
    )


async def send(session: AsyncSession, order: OrderRow, bill_to: str | None, at: Moment) -> SentInvoice:
    """Mail the invoice to the customer's address on file; with a company's name on it if one is given.

    Raises:
        Problem: 409 `no-invoice`, with a sentence for the customer.
    """
    made = invoice(order, at, bill_to)
    account = await accounts.row(session, order.customer_id, at)
    to = accounts.email_of(account, at)
    name = f"Billed to: {bill_to}\n" if bill_to else ""
    lines = "\n".join(
        f"{line.quantity} x {line.name}: {money(Decimal(str(line.amount)))}" for line in made.lines
    )
    body = (
        f"Invoice {made.invoice_number} for order {order.order_id}\n{name}{lines}\n"
        f"Total {money(order.total)}, of which VAT {made.vat_percent} %: {money(Decimal(str(made.vat)))}\n{made.link}"
    )
    await mail.send(session, to, mail.Message("invoice", f"Your invoice {made.invoice_number}", body), at)
    masked = addresses.masked_email(to)
    return SentInvoice(
        invoice=made, sent_to=masked, message=f"Invoice {made.invoice_number} is on its way to {masked}."
    )
