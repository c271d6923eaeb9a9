"""The commands as an operator runs them, and the service that measures by itself."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from profiles.events.dead import DEAD
from profiles.quality.report import REPORT
from profiles.quality.run import latest
from profiles.quality.watch import measure_if_due
from profiles.store import Store
from tests.profiles.conftest import environment, record


@pytest.fixture(autouse=True)
async def nothing_laid_aside(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.delete(DEAD)


def command(customers_url: str, redis_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "profiles", *arguments],
        env=environment(customers_url, redis_url),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_measuring_prints_and_keeps_the_report(
    store: Store, customers_url: str, redis_url: str
) -> None:
    await store.write([record("C1"), record("C2", phone="call me")])
    done = command(customers_url, redis_url, "quality", "--json")
    assert done.returncode == 0, done.stderr
    report = REPORT.validate_json(done.stdout)
    [phone] = [one for one in report.scores if (one.source, one.attribute) == ("shop", "phone")]
    assert phone.measures.validity == 0.5
    async with store.engine.connect() as connection:
        assert await latest(connection) == report
    assert "shop" in command(customers_url, redis_url, "quality").stdout


async def test_a_table_is_profiled_without_the_words_of_people(
    store: Store, customers_url: str, redis_url: str
) -> None:
    await store.write([record("C1"), record("C2")])
    found = command(customers_url, redis_url, "quality", "profile", "customers").stdout
    assert "tier: text 2; missing 0; distinct 1\n    gold (2)" in found
    assert "email: sealed 2; missing 0; distinct 2\n    values are not shown" in found
    assert "Maria" not in found
    wrong = command(customers_url, redis_url, "quality", "profile", "nothing")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("profiles: there is no table nothing; tables: ")


def test_imputing_says_what_it_did(customers_url: str, redis_url: str) -> None:
    done = command(customers_url, redis_url, "quality", "impute", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "language: filled in nothing; left open 0; taken back 0\n" in done.stdout


def test_events_are_checked_before_they_are_sent(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    good: dict[str, Any] = {"type": "track", "event": "Signed In", "userId": "C1"}
    lines = [
        json.dumps(good),
        json.dumps({**good, "event": "Order Completed"}),
        "[]",
        json.dumps({"type": "page"}),
    ]
    file.write_text("\n".join(lines), "utf-8")
    done = command("postgresql://unused", "redis://unused", "schemas", "check", str(file))
    assert done.returncode == 1
    assert done.stdout.splitlines()[1:] == [
        'line 2: properties: "order_id" is a required property',
        "line 3: this is no JSON object",
        "line 4: Value error, give a userId or an anonymousId",
        "4 events, 3 not as declared",
    ]


async def test_the_service_measures_by_itself_and_not_again_before_it_is_due(
    store: Store, customers_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(customers_url, redis_url).items():
        monkeypatch.setenv(name, value)
    assert await measure_if_due(store.engine)
    assert not await measure_if_due(store.engine)
    assert await runs(store) == 1


async def runs(store: Store) -> int:
    async with store.engine.connect() as connection:
        return int(
            (await connection.execute(text("SELECT count(*) FROM profiles.quality_runs"))).scalar_one()
        )
