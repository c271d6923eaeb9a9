"""As days go by, what left a window is counted no more, though the customer did nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from profiles.store import Store
from profiles.worker.ageing import age
from profiles.worker.chunks import Chunks
from tests.profiles.worker.events import event

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("name", "counted", "window"),
    [
        ("Product Viewed", "product_views_7d", 7),
        ("Signed In", "logins_30d", 30),
        ("Order Completed", "orders_90d", 90),
    ],
)
async def test_what_left_its_window_is_counted_no_more(
    store: Store, chunks: Chunks, name: str, counted: str, window: int
) -> None:
    today = datetime.now(UTC).date()
    await chunks.apply([event("m1", event=name, timestamp=datetime.now(UTC) - (window - 1) * DAY)])
    async with store.engine.begin() as connection:
        # As if a day had gone by since.
        await connection.execute(text("UPDATE profiles.daily_activity SET day = day - 1"))
    assert await age(store, today - DAY, today) == 1
    assert await age(store, today - DAY, today) == 0
    async with store.engine.connect() as connection:
        attributes = await connection.scalar(text("SELECT attributes FROM profiles.customers"))
    assert attributes is not None
    assert not attributes.get(counted)


async def test_a_ticket_of_ninety_days_ago_is_counted_no_more(store: Store, chunks: Chunks) -> None:
    now = datetime.now(UTC)
    ticket: dict[str, Any] = {"event": "Ticket Closed", "properties": {"ticket_id": "T1", "issue": "billing"}}
    await chunks.apply([event("m1", timestamp=now - 89.5 * DAY, **ticket)])
    async with store.engine.begin() as connection:
        await connection.execute(
            text("""
                UPDATE profiles.interactions SET occurred_at = occurred_at - interval '1 day',
                    document = jsonb_set(document, '{occurred_at}', to_jsonb(occurred_at - interval '1 day'))
            """)
        )
    assert await age(store, now.date() - DAY, now.date()) == 1
    async with store.engine.connect() as connection:
        attributes = await connection.scalar(text("SELECT attributes FROM profiles.customers"))
    assert attributes is not None
    assert (attributes["tickets_90d"], attributes["tickets_total"]) == (0, 1)
