"""What has been kept long enough goes, and the rest stays."""

import os
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from profiles.lake.lake import Lake
from profiles.rights import retention
from profiles.rights.daily import once_a_day
from profiles.rights.places import Surroundings
from profiles.store import Store
from profiles.traits.write import TraitWrite, write_traits
from tests.profiles.conftest import record
from tests.profiles.lake.listed import days_in
from tests.profiles.worker.events import NOON, event

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=3000)


async def grow_old(store: Store, around: Surroundings, url: str) -> None:
    """Something old and something new in stores of each kind."""
    await store.write([record("C000001")])
    with psycopg.connect(url) as connection:
        for at, kind in ((LONG_AGO, "login"), (NOW, "view")):
            connection.execute(
                "INSERT INTO shop.events (customer_id, at, kind) VALUES ('C1', %s, %s)", [at, kind]
            )
            connection.execute(
                "INSERT INTO profiles.interactions VALUES (%s, 'C000001', %s, '{}')", [f"contact {at}", at]
            )
    lake = Lake(around.state / "lake" / "events", around.engine, around.vault)
    await lake.add([event("old").model_copy(update={"timestamp": LONG_AGO})], "1-0_1-0")
    await lake.add([event("new")], "2-0_2-0")
    await around.redis.xadd("rapport:events:dead", {"body": b"{}"}, id="1-0")
    await around.redis.xadd("rapport:events:dead", {"body": b"{}"})
    logs = around.state / "logs"
    logs.mkdir(parents=True)
    for name, at in (("old.log.1", LONG_AGO), ("new.log", NOW)):
        (logs / name).touch()
        os.utime(logs / name, (at.timestamp(), at.timestamp()))


OLD = {"shop.events": 1, "profiles.interactions": 1, "the lake": 1, "Redis, events laid aside": 1, "logs": 1}


async def test_what_is_older_than_its_rule_goes_and_a_second_run_finds_nothing(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await grow_old(store, around, customers_url)
    assert await retention.run(around) == OLD
    assert await retention.run(around) == {}
    with psycopg.connect(customers_url) as connection:
        assert connection.execute("SELECT kind FROM shop.events").fetchall() == [("view",)]
        said = connection.execute("SELECT why FROM profiles.audit WHERE what = 'retention'").fetchall()
    assert said == [("5 entries of 5 stores",), ("0 entries of 0 stores",)]
    assert await around.redis.xlen("rapport:events:dead") == 1
    assert [file.name for file in (around.state / "logs").iterdir()] == ["new.log"]
    assert await days_in(around.engine) == [NOON.date()]


async def test_a_dry_run_says_the_same_and_deletes_nothing(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await grow_old(store, around, customers_url)
    assert await retention.run(around, dry_run=True) == OLD
    assert await retention.run(around, dry_run=True) == OLD


async def test_values_of_attributes_end_by_their_own_rule(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record("C000001")])
    said = TraitWrite(
        customer_id="C000001",
        name="preferred_channel",
        value="phone",
        source="stated",
        at=NOW,
        message_id="m1",
        expires_at=NOW - timedelta(minutes=1),
    )
    async with around.engine.begin() as connection:
        await write_traits(connection, around.vault, [said])
    assert await retention.run(around, dry_run=True) == {retention.ATTRIBUTES: 1}
    assert await retention.run(around) == {retention.ATTRIBUTES: 1}


async def test_exports_that_nobody_fetched_are_deleted(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    with psycopg.connect(customers_url) as connection:
        connection.execute(
            "INSERT INTO profiles.rights_jobs (job_id, kind, pseudonym, state, asked_by, why, document, expires_at) "
            "VALUES ('j1', 'export', 'p', 'done', 'anna', 'letter', 'x', now() - interval '1 hour')"
        )
    assert await retention.run(around) == {retention.EXPORTS: 1}
    with psycopg.connect(customers_url) as connection:
        assert connection.execute("SELECT document, state FROM profiles.rights_jobs").fetchall() == [
            (None, "done")
        ]


async def test_old_proposals_go_and_what_people_have_decided_stays(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record(one) for one in "ABC"])
    with psycopg.connect(customers_url) as connection:
        connection.execute(
            "INSERT INTO profiles.candidates (first_id, second_id, probability, explanation, reason, status, found_at) "
            "VALUES ('A', 'B', 0.5, '{}', 'likely', 'open', %(old)s), ('A', 'C', 0.5, '{}', 'two', 'rejected', %(old)s)",
            {"old": LONG_AGO},
        )
    assert await retention.run(around) == {"profiles.candidates": 1}
    with psycopg.connect(customers_url) as connection:
        left = connection.execute("SELECT second_id FROM profiles.candidates").fetchall()
    assert left == [("C",)]


async def test_a_daily_task_runs_once_a_day_and_again_when_it_was_not_finished(around: Surroundings) -> None:
    runs: list[int] = []

    async def work() -> dict[str, int]:
        runs.append(1)
        if len(runs) == 1:
            raise OSError("killed in the middle")
        return {"rows": 3}

    with pytest.raises(OSError, match="killed"):
        await once_a_day(around.engine, "tidy", work)
    assert await once_a_day(around.engine, "tidy", work) is True
    assert await once_a_day(around.engine, "tidy", work) is False
    assert await once_a_day(around.engine, "tidy", work, now=NOW + timedelta(days=1)) is True
    assert len(runs) == 3
