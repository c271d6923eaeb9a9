"""What takes long and runs by itself once a day: people are asked, nobody is merged."""

import asyncio

import psycopg
import pytest

from profiles import nightly as module
from profiles.identity.candidates import NOT_MERGED_BY_ITSELF
from profiles.nightly import nightly
from profiles.store import Store
from tests.profiles.conftest import environment
from tests.profiles.identity.test_review import records


async def outcomes_of(store: Store, url: str) -> dict[str, object]:
    """What the tasks of a day end with."""
    running = asyncio.create_task(nightly(store.engine))
    found: dict[str, object] = {}
    async with asyncio.timeout(150):
        while len(found) < 2:
            await asyncio.sleep(0.1)
            with psycopg.connect(url) as connection:
                query = "SELECT task, outcome FROM profiles.daily_runs WHERE finished_at IS NOT NULL"
                found = dict(connection.execute(query).fetchall())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return found


@pytest.fixture(autouse=True)
def _soon(customers_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_SECONDS", 0)
    for name, value in environment(customers_url, redis_url).items():
        monkeypatch.setenv(name, value)


async def test_those_who_may_be_one_are_proposed_and_all_stay_who_they_are(
    store: Store, customers_url: str
) -> None:
    people = records()
    await store.write(people)
    done = {"exit_code": 0}
    assert await outcomes_of(store, customers_url) == {"proposals": done, "imputation": done}
    with psycopg.connect(customers_url) as connection:
        [(customers, merges)] = connection.execute(
            "SELECT (SELECT count(*) FROM profiles.customers), (SELECT count(*) FROM profiles.merges)"
        ).fetchall()
        reasons = connection.execute("SELECT reason FROM profiles.candidates").fetchall()
    assert (customers, merges) == (len(people), 0)
    assert sum(reason == NOT_MERGED_BY_ITSELF for (reason,) in reasons) >= 25
    assert any(reason.startswith("probability below") for (reason,) in reasons)


@pytest.mark.parametrize(
    ("most", "proposals"), [(3, {"customers": 4, "too_many": True}), (4, {"exit_code": 1})]
)
async def test_more_than_memory_is_for_are_not_compared_and_what_fails_is_not_begun_again_today(
    store: Store, customers_url: str, monkeypatch: pytest.MonkeyPatch, most: int, proposals: dict[str, object]
) -> None:
    async def failing(*_arguments: str) -> int:
        return 1

    monkeypatch.setattr(module, "MOST_COMPARED", most)
    monkeypatch.setattr(module, "run_command", failing)
    await store.write(records()[:4])
    outcomes = await outcomes_of(store, customers_url)
    assert outcomes == {"proposals": proposals, "imputation": {"exit_code": 1}}
