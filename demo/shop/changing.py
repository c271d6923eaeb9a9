"""Cancelling and returning. Each runs within a transaction that holds the order."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.policy import Policy
from demo.records import RefundStatus
from demo.shop import acts, documents, rules
from demo.shop.acts import Moment
from demo.shop.tables import ActRow, ItemRow, OrderRow, RefundRow, ReturnRow
from demo.shop.wording import day, listed, local_day, money


async def cancel(session: AsyncSession, order: OrderRow, at: Moment) -> documents.ChangedOrder:
    """Cancel a locked order: what was charged goes back, what was only reserved is released.

    Raises:
        Problem: 409 `not-cancellable`, with a sentence for the customer.
    """
    if refusal := rules.why_not_cancellable(order, at.policy, at.now):
        raise Problem(409, "not-cancellable", refusal)
    before = await acts.state_of(session, order)
    order.status, order.cancelled_at, order.expected_at = "cancelled", at.now, None
    charged = charged_of(order) - await refunded(session, order)
    for payment in order.payments:
        if payment.status == "authorised":
            payment.status, payment.at = "released", at.now
    message = f"Order {order.order_id} is cancelled. Nothing was charged, so there is nothing to pay back."
    refund = None
    if charged > 0:
        refund = await pay_back(session, order, charged, "approved", at)
        message = f"Order {order.order_id} is cancelled. {promise(refund, at)}"
    await session.flush()
    act = await acts.record(session, "cancel", order.customer_id, before, at, order_id=order.order_id)
    return changed(order, at, act, message, refund=refund)


async def send_back(
    session: AsyncSession, order: OrderRow, skus: list[str] | None, reason: str | None, at: Moment
) -> documents.ChangedOrder:
    """Register the return of these items of a locked order, or of all that are left when none are named.

    Raises:
        Problem: 409 `not-returnable`, with a sentence for the customer.
    """
    refusal = rules.why_not_returnable(order, at.policy, at.now) or rules.why_not_these(order, skus or [])
    if refusal:
        raise Problem(409, "not-returnable", refusal)
    before = await acts.state_of(session, order)
    items = [item for item in rules.items_left(order) if not skus or item.sku in skus]
    registered = ReturnRow(
        return_id=f"RT-{await acts.number(session, 'return_numbers')}",
        order_id=order.order_id,
        skus=[item.sku for item in items],
        reason=reason,
        requested_at=at.now,
    )
    order.returns.append(registered)
    order.status = "return_requested"
    refund = None
    amount = _worth(order, items, at.policy)
    drop_off_by = local_day(at.now) + timedelta(days=at.policy.returns.drop_off_days)
    message = (
        f"The return of {listed([item.name for item in items])} is registered. "
        f"Please hand it in by {day(drop_off_by, at.now)}. "
    )
    if charged_of(order) > 0:
        refund = await pay_back(session, order, amount, "requested", at)
        message += f"{money(amount)} go back to you once it has arrived and been checked."
    else:
        message += "You have not paid for it yet, so we take it off your invoice."
    await session.flush()
    document = documents.Return(
        return_id=registered.return_id,
        items=[documents.Item.of(item) for item in items],
        label_url=f"https://hearthandvolt.example/returns/{registered.return_id}/label",
        drop_off_by=drop_off_by,
    )
    act = await acts.record(session, "return", order.customer_id, before, at, order_id=order.order_id)
    return changed(order, at, act, message, refund=refund, sent=document)


def charged_of(order: OrderRow) -> Decimal:
    """What was taken for the order, in GBP."""
    return sum((p.amount for p in order.payments if p.status == "captured"), Decimal(0))


def _worth(order: OrderRow, items: list[ItemRow], policy: Policy) -> Decimal:
    """What was paid for `items`; with the delivery when the whole order goes back at once."""
    goods = sum((item.price * item.quantity for item in items), Decimal(0))
    whole = len(items) == len(order.items) and policy.refunds.delivery_fee_refunded
    return goods + order.delivery_fee if whole else goods


async def refunded(session: AsyncSession, order: OrderRow) -> Decimal:
    """What went back already, or is about to."""
    query = select(func.coalesce(func.sum(RefundRow.amount), 0)).where(RefundRow.order_id == order.order_id)
    return Decimal(await session.scalar(query) or 0)


async def pay_back(
    session: AsyncSession, order: OrderRow, amount: Decimal, status: RefundStatus, at: Moment
) -> RefundRow:
    """One that is only requested waits for the parcel's way back and for its inspection."""
    until_paid = at.policy.refunds.days[order.payment_method]
    if status == "requested":
        until_paid += at.policy.delivery.standard.days_max + at.policy.refunds.inspection_days
    refund = RefundRow(
        refund_id=f"RF-{await acts.number(session, 'refund_numbers')}",
        order_id=order.order_id,
        amount=amount,
        status=status,
        method=order.payment_method,
        requested_at=at.now,
        expected_at=at.now + timedelta(days=until_paid),
        paid_at=None,
    )
    session.add(refund)
    return refund


_WAYS = {
    "card": "to your card",
    "paypal": "to your PayPal account",
    "invoice": "to your bank account",
    "gift_card": "to your gift card",
}


def promise(refund: RefundRow, at: Moment) -> str:
    """When and where the money arrives."""
    by = day(local_day(refund.expected_at), at.now)
    return f"{money(refund.amount)} go back {_WAYS[refund.method]} by {by}."


def changed(
    order: OrderRow,
    at: Moment,
    act: ActRow,
    message: str,
    *,
    refund: RefundRow | None = None,
    sent: documents.Return | None = None,
) -> documents.ChangedOrder:
    """The order as it is now, and what was done."""
    return documents.ChangedOrder(
        **documents.order(order, at).model_dump(),
        refund=documents.Refund.of(refund) if refund else None,
        return_=sent,
        act=documents.Act.of(act),
        message=message,
    )
