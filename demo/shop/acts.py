"""What was done for a customer, with an id, and how it is taken back."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from common.problems import Problem
from demo.catalogue import Catalogue
from demo.policy import Policy
from demo.shop.sealing import Sealer
from demo.shop.tables import ActKind, ActRow, ItemRow, OrderRow, RefundRow


@dataclass(frozen=True)
class Moment:
    """By which rules, with which keys and at what time the shop acts."""

    policy: Policy
    catalogue: Catalogue
    sealer: Sealer
    data_key: bytes
    now: datetime


async def number(session: AsyncSession, sequence: str) -> int:
    """The next of one of the shop's sequences."""
    found = await session.scalar(text(f"SELECT nextval('shop.{sequence}')"))
    return int(found or 0)


async def record(
    session: AsyncSession,
    kind: ActKind,
    customer_id: str,
    before: dict[str, Any],
    at: Moment,
    *,
    order_id: str | None = None,
    undo_until: datetime | None = None,
) -> ActRow:
    """Write down an act.

    Args:
        before: what undoing it needs.
        undo_until: the policy's seconds from now when none is given.
    """
    act_id = f"AC-{await number(session, 'act_numbers')}"
    act = ActRow(
        act_id=act_id,
        kind=kind,
        customer_id=customer_id,
        order_id=order_id,
        sealed_before=at.sealer.seal(f"act:{act_id}", before),
        done_at=at.now,
        undo_until=undo_until or at.now + timedelta(seconds=at.policy.orders.undo_seconds),
        undone_at=None,
    )
    session.add(act)
    await session.flush()
    return act


async def undoable(session: AsyncSession, act_id: str, customer_id: str, at: Moment) -> ActRow:
    """The act, locked, if its customer can still take it back.

    Raises:
        Problem: 404 `unknown-act`; 409 `already-undone`, `too-late`, each with a sentence for the customer.
    """
    query = select(ActRow).where(ActRow.act_id == act_id, ActRow.customer_id == customer_id).with_for_update()
    act = (await session.scalars(query)).one_or_none()
    if act is None:
        raise Problem(404, "unknown-act", "There is nothing of that number to take back.")
    if act.undone_at is not None:
        raise Problem(409, "already-undone", "That was taken back already; nothing more needs to be done.")
    if at.now > act.undo_until:
        raise Problem(409, "too-late", "The time for taking that back is over.")
    if act.order_id is not None:
        later = select(ActRow.act_id).where(
            ActRow.order_id == act.order_id, ActRow.undone_at.is_(None), ActRow.act_id > act_id
        )
        if (await session.scalars(later.limit(1))).one_or_none() is not None:
            raise Problem(
                409, "too-late", "Something else was done with this order since; take that back first."
            )
    return act


async def state_of(session: AsyncSession, order: OrderRow) -> dict[str, Any]:
    """Everything about a locked order that an act may change."""
    return {
        "status": order.status,
        "cancelled_at": _text(order.cancelled_at),
        "expected_at": _text(order.expected_at),
        "total": str(order.total),
        "discount": str(order.discount),
        "address": base64.b64encode(order.sealed_address).decode() if order.sealed_address else None,
        "items": [
            {"line": i.line, "sku": i.sku, "name": i.name, "quantity": i.quantity, "price": str(i.price)}
            for i in order.items
        ],
        "payments": {
            p.payment_id: {"amount": str(p.amount), "status": p.status, "at": _text(p.at)}
            for p in order.payments
        },
        "returns": [registered.return_id for registered in order.returns],
        "refunds": list(
            await session.scalars(select(RefundRow.refund_id).where(RefundRow.order_id == order.order_id))
        ),
    }


async def restore(session: AsyncSession, order: OrderRow, before: dict[str, Any]) -> None:
    """Make a locked order what `state_of` told of it."""
    order.status = before["status"]
    order.cancelled_at = _time(before["cancelled_at"])
    order.expected_at = _time(before["expected_at"])
    order.total, order.discount = Decimal(before["total"]), Decimal(before["discount"])
    order.sealed_address = base64.b64decode(before["address"]) if before["address"] else None
    kept = {item.line: item for item in order.items}
    order.items = [_restored(kept.get(line["line"]), order.order_id, line) for line in before["items"]]
    for payment in order.payments:
        if (was := before["payments"].get(payment.payment_id)) is not None:
            payment.amount, payment.status = Decimal(was["amount"]), was["status"]
            payment.at = datetime.fromisoformat(was["at"])
    order.returns = [registered for registered in order.returns if registered.return_id in before["returns"]]
    await session.execute(
        delete(RefundRow).where(
            RefundRow.order_id == order.order_id, RefundRow.refund_id.not_in(before["refunds"])
        )
    )
    await session.flush()


def _restored(item: ItemRow | None, order_id: str, line: dict[str, Any]) -> ItemRow:
    if item is None:
        item = ItemRow(order_id=order_id, line=line["line"], sku=line["sku"], name=line["name"])
    item.quantity, item.price = line["quantity"], Decimal(line["price"])
    return item


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _time(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
