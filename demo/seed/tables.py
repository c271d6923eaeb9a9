"""The world into the shop's tables, by COPY, in the caller's transaction."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from demo.identity import email_hash
from demo.records import Order, World, pounds

Row = tuple[Any, ...]

_TABLES = (
    "events",
    "truth",
    "done_requests",
    "returns",
    "refunds",
    "payments",
    "order_items",
    "orders",
    "customers",
    "seeds",
)
_COLUMNS: dict[str, tuple[str, ...]] = {
    "customers": ("customer_id", "email_hash"),
    "orders": (
        "order_id",
        "customer_id",
        "status",
        "total",
        "delivery_fee",
        "discount",
        "payment_method",
        "carrier",
        "tracking_code",
        "placed_at",
        "expected_at",
        "shipped_at",
        "delivered_at",
        "cancelled_at",
    ),
    "order_items": ("order_id", "line", "sku", "name", "quantity", "price"),
    "payments": ("payment_id", "order_id", "amount", "status", "method", "at"),
    "refunds": (
        "refund_id",
        "order_id",
        "amount",
        "status",
        "method",
        "requested_at",
        "expected_at",
        "paid_at",
    ),
    "returns": ("return_id", "order_id", "skus", "reason", "requested_at"),
    "events": ("customer_id", "at", "kind", "sku"),
    "truth": ("customer_id", "behaviour"),
}


def fill(
    connection: psycopg.Connection[Any], world: World, key: bytes, progress: Callable[[str], object]
) -> None:
    """Replace everything in the shop's tables by `world`; `progress` hears each table when it is done."""
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("TRUNCATE {}").format(
                sql.SQL(", ").join(sql.Identifier("shop", name) for name in _TABLES)
            )
        )
        for table, rows in _rows(world, key):
            columns = _COLUMNS[table]
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier("shop", table), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
            progress(table)


#: How many times `fill` reports progress; the events come in two parts.
STEPS = len(_COLUMNS) + 1


def _rows(world: World, key: bytes) -> Iterator[tuple[str, Iterable[Row]]]:
    customers = world.customers
    orders = [(customer.customer_id, order) for customer in customers for order in customer.orders]
    yield "customers", ((c.customer_id, email_hash(c.email, key)) for c in customers)
    yield "orders", (_order(customer_id, order) for customer_id, order in orders)
    yield (
        "order_items",
        (
            (order.order_id, line, item.sku, item.name, item.quantity, pounds(item.price))
            for _, order in orders
            for line, item in enumerate(order.items)
        ),
    )
    yield (
        "payments",
        (
            (p.payment_id, order.order_id, pounds(p.amount), p.status, p.method, _whole(p.at))
            for _, order in orders
            for p in order.payments
        ),
    )
    yield "refunds", (row for _, order in orders for row in _refunds(order))
    yield "returns", (row for _, order in orders for row in _returns(order))
    yield "events", ((c.customer_id, at, "login", None) for c in customers for at in c.logins)
    yield "events", ((c.customer_id, view.at, "view", view.sku) for c in customers for view in c.views)
    yield "truth", ((c.customer_id, c.behaviour) for c in customers)


def _whole(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(microsecond=0)


def _order(customer_id: str, order: Order) -> Row:
    return (
        order.order_id,
        customer_id,
        order.status,
        pounds(order.total),
        pounds(order.delivery_fee),
        pounds(order.discount),
        order.payment_method,
        order.carrier,
        order.tracking_code,
        _whole(order.placed_at),
        _whole(order.expected_at),
        _whole(order.shipped_at),
        _whole(order.delivered_at),
        _whole(order.cancelled_at),
    )


def _refunds(order: Order) -> Iterator[Row]:
    for refund in order.refunds:
        yield (
            refund.refund_id,
            order.order_id,
            pounds(refund.amount),
            refund.status,
            refund.method,
            _whole(refund.requested_at),
            _whole(refund.expected_at),
            _whole(refund.paid_at),
        )


def _returns(order: Order) -> Iterator[Row]:
    if order.return_requested_at is not None:
        skus = Jsonb([item.sku for item in order.items])
        number = order.order_id.removeprefix("RP-")
        yield f"RT-{number}", order.order_id, skus, order.return_reason, _whole(order.return_requested_at)
