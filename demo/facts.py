"""The sums that the shop knows about a customer, from what happened to them."""

from datetime import datetime
from math import exp

from demo.policy import Policy, Tier
from demo.records import Facts, Interaction, Order, View, days


def facts_of(
    orders: list[Order],
    interactions: list[Interaction],
    logins: list[datetime],
    views: list[View],
    now: datetime,
) -> Facts:
    kept = [order for order in orders if order.status != "cancelled"]
    orders_90d = sum(order.placed_at > now - days(90) for order in kept)
    logins_30d = sum(login > now - days(30) for login in logins)
    views_7d = sum(view.at > now - days(7) for view in views)
    return Facts(
        orders_total=len(kept),
        orders_90d=orders_90d,
        spend_total=_spend(kept),
        last_order_at=max((order.placed_at for order in kept), default=None),
        last_login_at=max(logins, default=None),
        logins_30d=logins_30d,
        product_views_7d=views_7d,
        engagement=engagement(logins_30d, views_7d, orders_90d),
        discount_share=round(sum(order.discount > 0 for order in kept) / len(kept), 3) if kept else 0.0,
        tickets_90d=sum(ticket.occurred_at > now - days(90) for ticket in interactions),
        tickets_open=sum(ticket.outcome == "open" for ticket in interactions),
    )


def tier_of(orders: list[Order], now: datetime, policy: Policy) -> Tier:
    """By what was spent in the last 365 days."""
    recent = [o for o in orders if o.status != "cancelled" and o.placed_at > now - days(365)]
    return policy.tier_for(_spend(recent) / 100)


def engagement(logins_30d: int, views_7d: int, orders_90d: int) -> float:
    """0 to 100: each part saturates, so that one habit alone does not make a customer engaged."""

    def saturated(count: int, much: float) -> float:
        return 1 - exp(-1.5 * count / much)

    parts = (
        0.35 * saturated(logins_30d, 15) + 0.30 * saturated(views_7d, 12) + 0.35 * saturated(orders_90d, 4)
    )
    return round(100 * parts, 1)


def _spend(orders: list[Order]) -> int:
    return sum(order.total - sum(refund.amount for refund in order.refunds) for order in orders)
