"""Orders, payments and refunds, for the customer that they belong to."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from common.problems import Problem
from demo.identity import email_hash
from demo.shop.tables import CustomerRow, OrderRow, PaymentRow, RefundRow

#: The one form of an order's number; how customers write it is for the caller to understand.
ORDER_ID = r"^RP-[0-9]{6}$"
CUSTOMER_ID = r"^C[0-9]{6}$"


@dataclass(frozen=True)
class Who:
    """On whose behalf: a known customer, or somebody who gives an e-mail address with the order's number.

    Raises:
        Problem: 422 when neither or both are given.
    """

    customer_id: str | None
    email: str | None

    def __post_init__(self) -> None:
        if (self.customer_id is None) == (self.email is None):
            raise Problem(422, "who-asks", "Give either customer_id or email.")


async def own_order(
    session: AsyncSession, order_id: str, who: Who, key: bytes, lock: bool = False
) -> OrderRow:
    """The order, read for `who`.

    Args:
        key: of the hashed e-mail addresses.
        lock: hold the order for this transaction, so that nobody else changes it.

    Raises:
        Problem: 404 `unknown-order`, 403 `not-your-order`.
    """
    query = (
        select(OrderRow, CustomerRow.email_hash)
        .join(CustomerRow, CustomerRow.customer_id == OrderRow.customer_id)
        .where(OrderRow.order_id == order_id)
        .options(
            selectinload(OrderRow.items), selectinload(OrderRow.payments), selectinload(OrderRow.returns)
        )
    )
    if lock:
        query = query.with_for_update(of=OrderRow).execution_options(populate_existing=True)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise Problem(404, "unknown-order", f"There is no order {order_id}.")
    order, owner_hash = found
    if who.customer_id is not None:
        own = hmac.compare_digest(order.customer_id, who.customer_id)
    else:
        own = hmac.compare_digest(owner_hash, email_hash(who.email or "", key))
    if not own:
        raise Problem(403, "not-your-order", "This order belongs to another customer.")
    return order


async def orders_of(session: AsyncSession, customer_id: str) -> Sequence[OrderRow]:
    """All orders of a customer, newest first."""
    query = (
        select(OrderRow)
        .where(OrderRow.customer_id == customer_id)
        .order_by(OrderRow.placed_at.desc(), OrderRow.order_id.desc())
        .options(selectinload(OrderRow.items), selectinload(OrderRow.returns))
    )
    return (await session.scalars(query)).all()


async def payments_of(session: AsyncSession, customer_id: str) -> Sequence[PaymentRow]:
    """All payments of a customer, newest first."""
    query = (
        select(PaymentRow)
        .join(OrderRow, OrderRow.order_id == PaymentRow.order_id)
        .where(OrderRow.customer_id == customer_id)
        .order_by(PaymentRow.at.desc(), PaymentRow.payment_id.desc())
    )
    return (await session.scalars(query)).all()


async def refunds_of(session: AsyncSession, customer_id: str, order_id: str | None) -> Sequence[RefundRow]:
    """Refunds of a customer, or of one of their orders, newest first."""
    query = (
        select(RefundRow)
        .join(OrderRow, OrderRow.order_id == RefundRow.order_id)
        .where(OrderRow.customer_id == customer_id)
        .order_by(RefundRow.requested_at.desc(), RefundRow.refund_id.desc())
    )
    if order_id is not None:
        query = query.where(RefundRow.order_id == order_id)
    return (await session.scalars(query)).all()
