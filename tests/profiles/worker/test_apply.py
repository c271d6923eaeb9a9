"""Events become rows of customers, of events and of daily activity."""

from decimal import Decimal
from typing import Any

from sqlalchemy import text

from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.worker.events import NOON, event


async def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    async with store.engine.connect() as connection:
        return [tuple(row) for row in (await connection.execute(text(sql))).all()]


async def activity(store: Store) -> list[tuple[object, ...]]:
    return await rows(
        store, "SELECT customer_id, name, count, amount FROM profiles.daily_activity ORDER BY 1, 2"
    )


async def test_a_customer_whom_nobody_knew_signed_up_at_the_earliest_event(store: Store) -> None:
    chunks = Chunks(store)
    await chunks.apply([event("m1", minutes=5)])
    await chunks.apply([event("m2", minutes=1)])
    assert await rows(store, "SELECT customer_id, signed_up_at FROM profiles.customers") == [
        ("C000001", NOON.replace(minute=1))
    ]


async def test_events_are_counted_by_day_and_name_with_their_amount(store: Store) -> None:
    order: dict[str, Any] = {"event": "Order Completed", "properties": {"total": 19.9}}
    await Chunks(store).apply(
        [
            event("m1"),
            event("m2"),
            event("m3", **order),
            event("m4", **order),
            event("m5", "page", name="Home"),
        ]
    )
    assert await activity(store) == [
        ("C000001", "Order Completed", 2, Decimal("39.8")),
        ("C000001", "Page Viewed", 1, 0),
        ("C000001", "Product Viewed", 2, 0),
    ]


async def test_the_same_event_again_changes_nothing(store: Store) -> None:
    chunks = Chunks(store)
    first = await chunks.apply([event("m1"), event("m1")])
    again = await chunks.apply([event("m1")])
    assert (first.added, again.added, again.customers) == (1, 0, frozenset())
    assert await activity(store) == [("C000001", "Product Viewed", 1, 0)]


async def test_what_a_visitor_did_becomes_the_customers_once_they_say_who_they_are(store: Store) -> None:
    chunks = Chunks(store)
    await chunks.apply([event("m1", anonymous_id="browser-1")])
    assert await activity(store) == []
    await chunks.apply([event("m2", "identify", minutes=1, user_id="C000001", anonymous_id="browser-1")])
    assert await activity(store) == [("C000001", "Product Viewed", 1, 0)]


async def test_a_device_belongs_to_who_said_so_first_even_when_that_arrives_last(store: Store) -> None:
    chunks = Chunks(store)
    await chunks.apply([event("m1", anonymous_id="browser-1")])
    await chunks.apply([event("m2", "identify", minutes=9, user_id="LATER", anonymous_id="browser-1")])
    await chunks.apply([event("m3", "identify", minutes=2, user_id="EARLIER", anonymous_id="browser-1")])
    assert await activity(store) == [("EARLIER", "Product Viewed", 1, 0)]
