"""The way of an order after it is placed: packed, shipped, delivered, cancelled, sent back, paid."""

from datetime import datetime

import numpy as np

from demo.generator.setting import Shop
from demo.policy import OrderStatus, Policy
from demo.records import Order, Payment, Refund, RefundStatus, days

CARRIERS: tuple[tuple[str, str], ...] = (
    ("Parcelwright", "PW"),
    ("Swiftvan", "SV"),
    ("Hedgerow Couriers", "HC"),
)
RETURN_REASONS = (
    "changed my mind",
    "arrived damaged",
    "does not work",
    "not as described",
    "wrong item sent",
    "found it cheaper",
)


def live(order: Order, shop: Shop, rng: np.random.Generator, *, express: bool, return_chance: float) -> None:
    """Fill in what happened to `order` between its placing and the shop's now."""
    now, policy = shop.now, shop.policy
    placed = order.placed_at
    packed = placed + days(float(rng.uniform(0.2, 0.6) if express else rng.uniform(0.3, 1.4)))
    shipped = packed + days(float(rng.uniform(0.1, 0.3) if express else rng.uniform(0.2, 0.9)))
    transit = float(rng.lognormal(-0.4, 0.3) if express else rng.lognormal(0.45, 0.3))
    late = float(rng.exponential(3.0)) + 2.0 if rng.random() < 0.05 else 0.0
    delivered = shipped + days(transit + late)
    promised = policy.delivery.express if express else policy.delivery.standard
    order.expected_at = (placed + days(promised.days_max + 1)).replace(hour=18, minute=0, second=0)
    if rng.random() < 0.03:
        cancelled = placed + (packed - placed) * float(rng.uniform(0.05, 0.9))
        if cancelled <= now:
            order.status, order.cancelled_at = "cancelled", cancelled
            order.expected_at = None
            settle(order, now, policy, rng)
            return
    if shipped <= now:
        carrier, letters = CARRIERS[int(rng.integers(len(CARRIERS)))]
        order.carrier, order.shipped_at = carrier, shipped
        order.tracking_code = f"{letters}{rng.integers(10_000_000, 100_000_000)}GB"
    if delivered <= now:
        order.delivered_at = delivered
    order.status = _status(now, packed, shipped, delivered)
    if order.delivered_at is not None and rng.random() < return_chance:
        _send_back(order, now, policy, rng)
    settle(order, now, policy, rng)


def _status(now: datetime, packed: datetime, shipped: datetime, delivered: datetime) -> OrderStatus:
    if delivered <= now:
        return "delivered"
    if shipped <= now:
        return "out_for_delivery" if delivered - now < days(0.5) else "shipped"
    return "packed" if packed <= now else "processing"


def _send_back(order: Order, now: datetime, policy: Policy, rng: np.random.Generator) -> None:
    assert order.delivered_at is not None  # noqa: S101 - the caller has seen the delivery
    requested = order.delivered_at + days(float(rng.uniform(0.5, policy.returns.window_days - 4)))
    if requested > now:
        return
    order.return_requested_at = requested
    order.return_reason = RETURN_REASONS[int(rng.integers(len(RETURN_REASONS)))]
    arrived = requested + days(float(rng.uniform(3, 9)))
    order.status = "returned" if arrived <= now else "return_requested"
    approved = arrived + days(policy.refunds.inspection_days)
    order.refunds.append(refund(order, order.total, requested, approved, now=now, policy=policy))


def refund(
    order: Order, amount: int, requested: datetime, approved: datetime, *, now: datetime, policy: Policy
) -> Refund:
    """A refund of `amount` pence, as far as it has come by `now`."""
    expected = approved + days(policy.refunds.days[order.payment_method])
    paid = expected if expected <= now else None
    status: RefundStatus = "paid" if paid else "approved" if approved <= now else "requested"
    return Refund(amount, status, order.payment_method, requested, expected, paid)


def settle(order: Order, now: datetime, policy: Policy, rng: np.random.Generator) -> None:
    """How the order was paid: cards are charged when it ships, invoices when the customer pays."""
    method, total = order.payment_method, order.total
    if method in ("card", "paypal") and rng.random() < 0.02:
        order.payments.append(Payment(total, "failed", method, order.placed_at - days(0.002)))
    due: datetime | None = order.placed_at
    if method == "card":
        due = order.shipped_at
    elif method == "invoice":
        paid_after = float(rng.uniform(2, policy.payments.invoice_due_days))
        due = order.delivered_at + days(paid_after) if order.delivered_at else None
        if order.return_requested_at is not None and due is not None:
            due = min(due, order.return_requested_at)
    if order.cancelled_at is not None and method in ("card", "invoice"):
        order.payments.append(Payment(total, "released", method, order.cancelled_at))
        return
    if due is None or due > now:
        order.payments.append(Payment(total, "authorised", method, order.placed_at))
        return
    order.payments.append(Payment(total, "captured", method, due))
    if method == "card" and rng.random() < 0.006:
        order.payments.append(Payment(total, "duplicate", method, due + days(0.003)))
    if order.cancelled_at is not None:
        order.refunds.append(
            refund(order, total, order.cancelled_at, order.cancelled_at, now=now, policy=policy)
        )
