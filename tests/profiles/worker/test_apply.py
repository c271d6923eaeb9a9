"""Events become rows of customers, of events and of daily activity."""

from decimal import Decimal
from typing import Any

from redis.asyncio import Redis
from sqlalchemy import text

from profiles.crypto import Vault
from profiles.events.dead import DeadLetter, DeadLetters, Replayed
from profiles.events.envelope import parse
from profiles.events.sealing import joined
from profiles.events.stream import EVENTS, RedisEventStream
from profiles.store import Store
from profiles.worker.chunks import Chunks, Counts
from tests.profiles.conftest import DATA_KEY, days_ago, record
from tests.profiles.worker.events import NOON, event


async def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    async with store.engine.connect() as connection:
        return [tuple(row) for row in (await connection.execute(text(sql))).all()]


async def activity(store: Store) -> list[tuple[Any, ...]]:
    return await rows(
        store, "SELECT customer_id, name, count, amount FROM profiles.daily_activity ORDER BY 1, 2"
    )


async def test_a_customer_whom_nobody_knew_signed_up_at_the_earliest_event(
    store: Store, chunks: Chunks
) -> None:
    await chunks.apply([event("m1", minutes=5)])
    await chunks.apply([event("m2", minutes=1)])
    assert await rows(store, "SELECT customer_id, signed_up_at FROM profiles.customers") == [
        ("C000001", NOON.replace(minute=1))
    ]


async def test_events_are_counted_by_day_and_name_with_their_amount(store: Store, chunks: Chunks) -> None:
    order: dict[str, Any] = {"event": "Order Completed", "properties": {"total": 19.9}}
    await chunks.apply(
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


async def test_the_same_event_again_changes_nothing(store: Store, chunks: Chunks) -> None:
    await chunks.apply([event("m1"), event("m1")])
    await chunks.apply([event("m1")])
    assert chunks.counts == Counts(applied=1)
    assert await activity(store) == [("C000001", "Product Viewed", 1, 0)]


async def test_what_a_visitor_did_becomes_the_customers_once_they_say_who_they_are(
    store: Store, chunks: Chunks
) -> None:
    await chunks.apply([event("m1", anonymous_id="browser-1")])
    assert await activity(store) == []
    await chunks.apply([event("m2", "identify", minutes=1, user_id="C000001", anonymous_id="browser-1")])
    assert await activity(store) == [("C000001", "Product Viewed", 1, 0)]


async def test_a_device_belongs_to_who_said_so_first_even_when_that_arrives_last(
    store: Store, chunks: Chunks
) -> None:
    await chunks.apply([event("m1", anonymous_id="browser-1")])
    await chunks.apply([event("m2", "identify", minutes=9, user_id="LATER", anonymous_id="browser-1")])
    await chunks.apply([event("m3", "identify", minutes=2, user_id="EARLIER", anonymous_id="browser-1")])
    assert await activity(store) == [("EARLIER", "Product Viewed", 1, 0)]


async def test_what_consent_refuses_is_dropped_and_counted(store: Store, chunks: Chunks) -> None:
    said = {"source": "preference centre", "version": "1", "at": days_ago(1), "granted": False}
    await store.write([record(consents=[{"purpose": "analytics", **said}])])
    no = {"consent": {"categoryPreferences": {"analytics": False}}}
    await chunks.apply(
        [
            event("m1"),
            event("m2", event="Order Completed", properties={"total": 5}),
            event("m3", user_id="C2", context=no),
        ]
    )
    assert chunks.counts == Counts(applied=1, dropped=2)
    assert await activity(store) == [("C000001", "Order Completed", 1, 5)]


async def test_what_a_visitor_did_is_dropped_when_they_turn_out_to_have_refused_it(
    store: Store, chunks: Chunks
) -> None:
    said = {"source": "preference centre", "version": "1", "at": days_ago(1), "granted": False}
    await store.write([record(consents=[{"purpose": "analytics", **said}])])
    await chunks.apply([event("m1", anonymous_id="browser-1")])
    await chunks.apply([event("m2", "identify", user_id="C000001", anonymous_id="browser-1")])
    assert await rows(store, "SELECT message_id FROM profiles.events") == [("m2",)]
    assert chunks.counts == Counts(applied=2, dropped=1)


async def test_a_ticket_is_a_contact_and_its_latest_event_counts_even_when_it_arrives_first(
    store: Store, chunks: Chunks
) -> None:
    ticket = {"ticket_id": "T-1", "issue": "billing"}
    await chunks.apply([event("m2", minutes=9, event="Ticket Closed", properties=ticket)])
    await chunks.apply([event("m1", minutes=1, event="Ticket Opened", properties=ticket)])
    attributes = (await store.view("C000001", "service")).attributes
    assert attributes["tickets_open"] == 0
    stored = "SELECT attributes->'tickets_total', attributes->>'resolution_rate' FROM profiles.customers"
    assert await rows(store, stored) == [(1, "1.0")]


async def test_nobody_overwrites_the_ticket_of_another_customer(store: Store, chunks: Chunks) -> None:
    ticket: dict[str, Any] = {
        "event": "Ticket Opened",
        "properties": {"ticket_id": "T-1", "issue": "billing"},
    }
    await chunks.apply([event("m1", **ticket)])
    await chunks.apply([event("m2", minutes=5, user_id="C2", **ticket)])
    owners = await rows(store, "SELECT customer_id FROM profiles.interactions ORDER BY 1")
    assert owners == [("C000001",), ("C2",)]


async def test_personal_values_never_rest_in_the_open(store: Store, chunks: Chunks) -> None:
    traits = {"email": "maria@example.org", "plan": "gold"}
    await chunks.apply([event("m1", "identify", traits=traits)])
    [(document, sealed)] = await rows(store, "SELECT document, sealed FROM profiles.events")
    assert "maria" not in f"{document} {sealed!r}"
    assert joined(Vault(DATA_KEY), "m1", document, sealed)["traits"] == traits


async def test_what_somebody_says_of_themselves_is_theirs_even_when_they_say_later_who_they_are(
    store: Store, chunks: Chunks
) -> None:
    await chunks.apply([event("m1", "identify", anonymous_id="b1", traits={"first_name": "Maria"})])
    await chunks.apply([event("m2", "identify", minutes=9, user_id="LATER", anonymous_id="b1")])
    first_names = "SELECT customer_id, first_name FROM profiles.customers ORDER BY 1"
    assert await rows(store, first_names) == [("LATER", "Maria")]
    await chunks.apply([event("m3", "identify", minutes=2, user_id="EARLIER", anonymous_id="b1")])
    assert await rows(store, first_names) == [("EARLIER", "Maria"), ("LATER", None)]


async def test_each_change_is_in_the_audit_log(store: Store, chunks: Chunks) -> None:
    await chunks.apply([event("m1"), event("m2", user_id="C2")])
    await chunks.apply([event("m1")])
    noted = await rows(store, "SELECT who, what FROM profiles.audit")
    assert noted == [("worker", "changed: events")] * 2


async def test_an_event_that_fails_is_laid_aside_and_the_others_are_applied(
    store: Store, chunks: Chunks, letters: DeadLetters
) -> None:
    await chunks.apply(
        [
            event("m1"),
            event("m2", properties={"zero": "\x00"}),
            event("m3", event="Ticket Opened", properties={"issue": "weather"}),
            event("m4"),
        ]
    )
    assert await activity(store) == [("C000001", "Product Viewed", 2, 0)]
    found = [(parse(letter.body)[0].message_id, letter.reason) async for _, letter in letters.read()]
    assert [message_id for message_id, _ in sorted(found)] == ["m2", "m3"]
    assert "Unicode" in dict(found)["m2"]
    assert dict(found)["m3"].startswith("properties.issue: ")


async def test_what_was_laid_aside_is_put_back_into_the_stream(
    chunks: Chunks, letters: DeadLetters, redis_url: str
) -> None:
    await chunks.apply([event("m1", event="Ticket Opened", properties={"issue": "weather"})])
    await letters.put([DeadLetter(b"not an entry", "unreadable", NOON)])
    stream = RedisEventStream(redis_url, Vault(DATA_KEY))
    assert await letters.replay(stream) == Replayed(events=1, unreadable=1)
    await stream.close()
    assert await letters.count() == 1
    async with Redis.from_url(redis_url) as redis:
        assert await redis.xlen(EVENTS) == 1
