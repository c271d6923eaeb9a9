"""A run measures what is in the database, keeps its report, and tells what is new in it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from structlog.testing import capture_logs

from profiles.crypto import Vault
from profiles.events.dead import DEAD, DeadLetters, dead_event
from profiles.quality.reading import UndeclaredKey
from profiles.quality.report import REPORT, Report
from profiles.quality.rules import read_rules
from profiles.quality.run import keep, latest, make_report
from profiles.store import Store
from profiles.traits.write import TraitWrite, write_traits
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import DATA_KEY, days_ago
from tests.profiles.worker.events import event

VAULT = Vault(DATA_KEY)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as redis:
        await redis.delete(DEAD)
        yield redis
        await redis.delete(DEAD)


async def customers(store: Store, *ids: str) -> None:
    sql = "INSERT INTO profiles.customers (customer_id, signed_up_at, facts_at) VALUES (:id, now(), 'epoch')"
    async with store.engine.begin() as connection:
        await connection.execute(text(sql), [{"id": one} for one in ids])


async def say(store: Store, *said: tuple[str, str, Any, str]) -> None:
    """Customer, attribute, value, source."""
    writes = [
        TraitWrite(customer_id=c, name=n, value=v, source=s, at=days_ago(2), message_id=f"{c}-{n}-{s}")
        for c, n, v, s in said
    ]
    async with store.engine.begin() as connection:
        await write_traits(connection, VAULT, writes)


async def arrive(store: Store, source: str, counts: dict[int, int]) -> None:
    """So many events, so many days ago."""
    sql = """
        INSERT INTO profiles.events (message_id, kind, occurred_at, received_at, source, document)
        SELECT gen_random_uuid(), 'page', :at, :at, :source, '{}' FROM generate_series(1, :count)
    """
    async with store.engine.begin() as connection:
        for days, count in counts.items():
            at = datetime.now(UTC) - timedelta(days=days)
            values = {"source": source, "at": at, "count": count}
            await connection.execute(text(sql), values)


async def run(store: Store, redis: Redis) -> Report:
    report = await make_report(store.engine, redis, VAULT, read_rules())
    await keep(store.engine, report)
    return report


async def test_what_sources_say_is_measured_also_when_it_rests_sealed(store: Store, redis: Redis) -> None:
    await customers(store, "C1", "C2")
    await say(
        store,
        ("C1", "email", "ann@example.org", "shop"),
        ("C2", "email", "bo at example", "shop"),
        ("C1", "phone", "020 7946 0018", "shop"),
        ("C1", "phone", "+442079460018", "pos"),
        ("C1", "language", "en", "imputed"),
    )
    report = await run(store, redis)
    scores = {(one.source, one.attribute): one.measures for one in report.scores}
    assert scores.keys() == {("shop", "email"), ("shop", "phone"), ("pos", "phone")}
    assert scores["shop", "email"].validity == 0.5
    assert scores["shop", "phone"].completeness == 0.5
    assert scores["shop", "phone"].consistency == scores["pos", "phone"].consistency == 1
    assert (report.customers, report.looked_at) == (2, 2)
    assert {"tier", "language"} <= {column.name for column in report.columns}


async def test_what_was_taken_back_is_not_counted(store: Store, redis: Redis) -> None:
    await customers(store, "C1")
    await say(store, ("C1", "email", "ann@example.org", "shop"), ("C1", "language", "en", "shop"))
    async with store.engine.begin() as connection:
        back = TraitWrite("C1", "email", None, "shop", days_ago(1), "back")
        await write_traits(connection, VAULT, [back])
    assert [one.attribute for one in (await run(store, redis)).scores] == ["language"]


async def test_a_report_is_kept_as_it_is(store: Store, redis: Redis) -> None:
    await customers(store, "C1")
    await say(store, ("C1", "language", "en", "shop"))
    await arrive(store, "web", {1: 3})
    report = await run(store, redis)
    async with store.engine.connect() as connection:
        assert await latest(connection) == report
    assert REPORT.validate_json(REPORT.dump_json(report)) == report


async def test_an_alarm_is_logged_once_and_when_it_is_over(store: Store, redis: Redis) -> None:
    await arrive(store, "web", {days: 200 + days for days in range(2, 20)} | {1: 5})
    with capture_logs() as first:
        report = await run(store, redis)
    [alarm] = report.alarms
    assert (alarm.kind, alarm.source) == ("volume", "web")
    with capture_logs() as second:
        again = await run(store, redis)
    assert [one.since for one in again.alarms] == [alarm.since]
    await arrive(store, "web", {1: 190})
    with capture_logs() as third:
        await run(store, redis)
    logged = [[(line["log_level"], line["event"]) for line in lines] for lines in (first, second, third)]
    assert logged == [[("warning", "data quality alarm")], [], [("info", "data quality alarm is over")]]


async def test_a_score_that_falls_is_an_alarm(store: Store, redis: Redis) -> None:
    await customers(store, "C1", "C2", "C3")
    await say(store, *((c, "phone", "020 7946 0018", "shop") for c in ("C1", "C2", "C3")))
    assert (await run(store, redis)).alarms == []
    async with store.engine.begin() as connection:
        await connection.execute(text("DELETE FROM profiles.traits"))
    await say(store, *((c, "phone", "unknown", "shop") for c in ("C1", "C2", "C3")))
    [alarm] = (await run(store, redis)).alarms
    assert (alarm.kind, alarm.source, alarm.about) == ("score", "shop", "phone")


async def test_events_that_were_laid_aside_are_an_alarm_of_their_source(store: Store, redis: Redis) -> None:
    await DeadLetters(redis, VAULT).put([dead_event(event(f"m{n}", source="till"), "no") for n in range(3)])
    report = await run(store, redis)
    assert report.laid_aside == {"till": 3}
    assert [(one.kind, one.source) for one in report.alarms] == [("laid aside", "till")]


async def test_properties_that_no_type_declares_are_found(store: Store, redis: Redis) -> None:
    letters = DeadLetters(redis, VAULT)
    chunks = Chunks(store, VAULT, letters)
    now = datetime.now(UTC)
    await chunks.apply(
        [
            event("m1", properties={"sku": "a", "mood": 3}, received_at=now),
            event("m2", properties={"sku": "a", "mood": "good"}, received_at=now, source="web"),
            event("m3", received_at=now),
            event("m4", "page", name="Home", properties={"path": "/", "scrolled": 0.4}, received_at=now),
        ]
    )
    assert (await run(store, redis)).undeclared == [
        UndeclaredKey("Page Viewed", "scrolled", ["number"], ["shop"], 1, 1),
        UndeclaredKey("Product Viewed", "mood", ["number", "string"], ["shop", "web"], 2, 3),
    ]


async def test_values_are_opened_only_with_an_entry_in_the_audit_log(store: Store, redis: Redis) -> None:
    await run(store, redis)
    async with store.engine.connect() as connection:
        found = (await connection.scalars(text("SELECT what FROM profiles.audit"))).all()
    assert found == ["quality of the data"]
