"""Whether an order can be cancelled or returned, and the sentence that says why not."""

from datetime import date, datetime, timedelta

from demo.policy import Policy
from demo.shop.tables import ItemRow, OrderRow
from demo.shop.wording import day, listed, local_day


def is_cancellable(order: OrderRow, policy: Policy) -> bool:
    return order.status in policy.orders.cancellable_while


def is_returnable(order: OrderRow, policy: Policy, now: datetime) -> bool:
    """Whether at least one item can be returned."""
    return (
        order.status not in _NOTHING_TO_RETURN
        and bool(items_left(order))
        and local_day(now) <= last_return_day(order, policy)
    )


def why_not_cancellable(order: OrderRow, policy: Policy, now: datetime) -> str | None:
    """A sentence for the customer, or None when it can be cancelled."""
    if is_cancellable(order, policy):
        return None
    match order.status:
        case "cancelled":
            on = f" on {day(local_day(order.cancelled_at), now)}" if order.cancelled_at else ""
            return f"This order was already cancelled{on}; nothing more needs to be done."
        case "shipped" | "out_for_delivery":
            on = f" on {day(local_day(order.shipped_at), now)}" if order.shipped_at else ""
            return (
                f"This order was already shipped{on}, so it can't be cancelled; "
                "it can be returned once it arrives."
            )
        case "delivered":
            on = f" on {day(local_day(order.delivered_at), now)}" if order.delivered_at else ""
            remedy = (
                f"it can be returned until {day(last_return_day(order, policy), now)}."
                if is_returnable(order, policy, now)
                else f"the {policy.returns.window_days} days for returning it are over as well."
            )
            return f"This order was already delivered{on}, so it can't be cancelled; {remedy}"
        case _:
            return "This order is already on its way back to us, so there is nothing left to cancel."


_NOTHING_TO_RETURN = {
    "cancelled": "This order was cancelled, so there is nothing to return.",
    "processing": "This order has not been shipped yet, so there is nothing to return; it can be cancelled.",
    "packed": "This order has not been shipped yet, so there is nothing to return; it can be cancelled.",
    "shipped": "This order has not arrived yet; it can be returned once it is delivered.",
    "out_for_delivery": "This order has not arrived yet; it can be returned once it is delivered.",
    "returned": "This order has already been returned.",
}


def why_not_returnable(order: OrderRow, policy: Policy, now: datetime) -> str | None:
    """A sentence for the customer, or None when at least one item can be returned."""
    if is_returnable(order, policy, now):
        return None
    if order.status in _NOTHING_TO_RETURN:
        return _NOTHING_TO_RETURN[order.status]
    if not items_left(order):
        return "A return of everything in this order was already registered."
    last = last_return_day(order, policy)
    return (
        f"This order could be returned until {day(last, now)}, {policy.returns.window_days} days "
        "after it was delivered, so it can no longer be returned."
    )


def why_not_these(order: OrderRow, skus: list[str]) -> str | None:
    """Why not exactly these items of a returnable order; None when they can go back."""
    ordered = {item.sku: item for item in order.items}
    if strange := [sku for sku in skus if sku not in ordered]:
        return f"{listed(sorted(set(strange)))} is not part of this order."
    left = {item.sku for item in items_left(order)}
    if gone := [ordered[sku].name for sku in skus if sku not in left]:
        return f"A return of {listed(gone)} was already registered."
    return None


def items_left(order: OrderRow) -> list[ItemRow]:
    """The lines of which no return is registered."""
    gone = {sku for registered in order.returns for sku in registered.skus}
    return [item for item in order.items if item.sku not in gone]


def last_return_day(order: OrderRow, policy: Policy) -> date:
    """The last day on which the order can be returned."""
    delivered = order.delivered_at or order.expected_at or order.placed_at
    return local_day(delivered) + timedelta(days=policy.returns.window_days)
