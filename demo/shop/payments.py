"""What became of one payment, and what can be done about it."""

from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.shop import accounts, addresses, documents, mail, reading
from demo.shop.acts import Moment
from demo.shop.tables import OrderRow, PaymentRow
from demo.shop.wording import day, local_day, money

NextStep = Literal["pay_again", "wait", "person", "none"]


class PaymentDetail(documents.Payment):
    """`explanation` is for the customer. `returned_by`: of money that goes back by itself."""

    explanation: str
    next_step: NextStep
    returned_by: date | None


class SentPaymentLink(BaseModel):
    message_id: str
    order_id: str
    amount: float
    sent_to: str
    valid_until: date
    message: str


def of_order(order: OrderRow) -> documents.Payments:
    """The payments of one order, newest first."""
    newest = sorted(order.payments, key=lambda payment: (payment.at, payment.payment_id), reverse=True)
    return documents.Payments(payments=[documents.Payment.of(row) for row in newest])


async def detail(
    session: AsyncSession, payment_id: str, who: reading.Who, order_id: str | None, at: Moment
) -> PaymentDetail:
    """One payment, read for `who`; one who gives an e-mail address names the order too.

    Raises:
        Problem: 404 `unknown-payment`, 403 `not-your-order`.
    """
    row = await session.get(PaymentRow, payment_id)
    if row is None or (who.customer_id is None and row.order_id != order_id):
        raise Problem(404, "unknown-payment", "There is no such payment.")
    order = await reading.own_order(session, row.order_id, who, at.data_key)
    explanation, step, returned_by = _explained(row, order, at)
    payment = documents.Payment.of(row).model_dump()
    return PaymentDetail(**payment, explanation=explanation, next_step=step, returned_by=returned_by)


async def send_link(session: AsyncSession, order: OrderRow, at: Moment) -> SentPaymentLink:
    """Mail a link for paying a locked order whose payment failed.

    Raises:
        Problem: 409 `nothing-to-pay`, with a sentence for the customer.
    """
    if order.status == "cancelled":
        raise Problem(409, "nothing-to-pay", "The order is cancelled, so there is nothing to pay.")
    if _paid(order):
        raise Problem(409, "nothing-to-pay", "The order is paid; nothing more is due for it.")
    account = await accounts.row(session, order.customer_id, at)
    to = accounts.email_of(account, at)
    until = at.now + timedelta(days=at.policy.payments.link_days)
    link = mail.link(session, "pay", {"order_id": order.order_id}, until)
    body = f"Pay {money(order.total)} for order {order.order_id} here, in any way you like: {link}"
    message = mail.Message("payment", f"Payment for {order.order_id}", body)
    message_id = await mail.send(session, to, message, at)
    masked = addresses.masked_email(to)
    last = local_day(until)
    return SentPaymentLink(
        message_id=message_id,
        order_id=order.order_id,
        amount=float(order.total),
        sent_to=masked,
        valid_until=last,
        message=f"We've sent a payment link to {masked}; it is valid until {day(last, at.now)}.",
    )


def _paid(order: OrderRow) -> bool:
    return any(payment.status in {"captured", "authorised"} for payment in order.payments)


def _explained(row: PaymentRow, order: OrderRow, at: Moment) -> tuple[str, NextStep, date | None]:
    amount, order_id = money(row.amount), order.order_id
    if row.status == "duplicate":
        return _taken_twice(row, at)
    if row.status == "failed":
        return _failed(order, amount)
    said = f"{amount} was taken for {order_id} on {day(local_day(row.at), at.now)}."
    if row.status == "released":
        said = f"The {amount} reserved for {order_id} was released; nothing was taken."
    elif row.status == "authorised" and row.method == "invoice":
        said = f"{order_id} is paid by invoice; {amount} is due after delivery."
    elif row.status == "authorised":
        said = f"{amount} for {order_id} is only reserved; it is taken when the order leaves us."
    return said, "none", None


def _failed(order: OrderRow, amount: str) -> tuple[str, NextStep, date | None]:
    if _paid(order):
        return f"One try failed and took nothing; another for {order.order_id} went through.", "none", None
    if order.status == "cancelled":
        return f"The payment failed and took nothing, and {order.order_id} is cancelled.", "none", None
    return f"The payment of {amount} for {order.order_id} failed; nothing was taken.", "pay_again", None


def _taken_twice(row: PaymentRow, at: Moment) -> tuple[str, NextStep, date | None]:
    back = local_day(row.at) + timedelta(days=at.policy.payments.duplicate_returned_days)
    said = f"{money(row.amount)} for {row.order_id} was taken twice"
    by = day(back, at.now)
    if back >= local_day(at.now):
        return f"{said}; one of them goes back by {by}.", "wait", back
    return f"{said}; it should have been back by {by}, so somebody has to look at it.", "person", back
