"""The world into the shop's tables, by COPY, in the caller's transaction."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from demo.identity import email_hash
from demo.records import Customer, Order, World, pounds
from demo.shop.sealing import Sealer

Row = tuple[Any, ...]

#: What those get who agreed to marketing.
_SUBSCRIBED = ("offers", "news")

_TABLES = (
    "acts",
    "cases",
    "outbox",
    "links",
    "account_changes",
    "subscriptions",
    "addresses",
    "accounts",
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
    "accounts": ("customer_id", "sealed_name", "sealed_email", "sealed_phone", "created_at"),
    "addresses": ("address_id", "customer_id", "label", "sealed_address", "is_default", "added_at"),
    "subscriptions": ("email_hash", "topic", "since"),
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
        "sealed_address",
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
    sealer = Sealer(key)
    orders = [(customer.customer_id, order) for customer in customers for order in customer.orders]
    yield "customers", ((c.customer_id, email_hash(c.email, key)) for c in customers)
    yield "accounts", (_account(customer, sealer) for customer in customers)
    yield "addresses", (_address(customer, sealer) for customer in customers)
    yield (
        "subscriptions",
        (
            (email_hash(c.email, key), topic, _whole(c.signed_up_at))
            for c in customers
            if c.agreed("marketing")
            for topic in _SUBSCRIBED
        ),
    )
    yield "orders", (_order(c, order, sealer) for c in customers for order in c.orders)
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


def _account(customer: Customer, sealer: Sealer) -> Row:
    customer_id = customer.customer_id
    return (
        customer_id,
        sealer.seal(f"name:{customer_id}", f"{customer.first_name} {customer.last_name}"),
        sealer.seal(f"email:{customer_id}", customer.email),
        sealer.seal(f"phone:{customer_id}", customer.phone),
        _whole(customer.signed_up_at),
    )


def _address(customer: Customer, sealer: Sealer) -> Row:
    address_id = f"AD-{customer.customer_id.removeprefix('C')}"
    sealed = sealer.seal(f"address:{address_id}", _home(customer))
    return address_id, customer.customer_id, "home", sealed, True, _whole(customer.signed_up_at)


def _home(customer: Customer) -> dict[str, str | None]:
    address = customer.address
    return {"line1": address.line1, "line2": None, "city": address.city, "postcode": address.postcode}


def _order(customer: Customer, order: Order, sealer: Sealer) -> Row:
    return (
        order.order_id,
        customer.customer_id,
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
        sealer.seal(f"order:{order.order_id}", _home(customer)),
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
