"""What the shop's facts say, and what events add to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import record
from tests.profiles.worker.events import event


async def attributes(store: Store) -> dict[str, object]:
    return (await store.view("C000001", "personalisation")).attributes


async def test_facts_count_what_was_before_them_and_events_what_came_later(
    store: Store, chunks: Chunks
) -> None:
    await store.write(
        [record(facts={"orders_total": 31, "orders_90d": 6, "spend_total": 100.0, "logins_30d": 2})]
    )
    before, after = datetime.now(UTC) - timedelta(minutes=5), datetime.now(UTC) + timedelta(seconds=5)
    order: dict[str, Any] = {"event": "Order Completed", "properties": {"order_id": "RP-1", "total": 25.5}}
    await chunks.apply(
        [
            event("m1", timestamp=before, **order),
            event("m2", timestamp=after, **order),
            event("m3", timestamp=after, event="Signed In"),
        ]
    )
    found = await attributes(store)
    assert (found["orders_total"], found["orders_90d"], found["spend_total"]) == (32, 7, 125.5)
    assert (found["logins_30d"], found["days_since_order"], found["days_since_login"]) == (3, 0, 0)


async def test_what_the_shop_says_nothing_about_all_events_tell(store: Store, chunks: Chunks) -> None:
    await store.write([record(facts={})])
    await chunks.apply([event(f"m{n}", minutes=n) for n in range(3)])
    found = await attributes(store)
    assert found["product_views_7d"] == 3
    assert "orders_total" not in found


async def test_a_view_of_a_product_makes_a_customer_look_engaged_but_never_less_than_the_shop_says(
    store: Store, chunks: Chunks
) -> None:
    await store.write([record(facts={"engagement": 12.0})])
    await chunks.apply([event("m1")])
    assert (await attributes(store))["engagement"] == 12.0
    await chunks.apply([event(f"more-{n}") for n in range(20)])
    assert (await attributes(store))["engagement"] == 65.0
