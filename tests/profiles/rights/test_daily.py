"""What runs by itself, beside the worker."""

import asyncio
from dataclasses import replace

import psycopg
from redis.asyncio import Redis

from ops.ports import free_port
from profiles.rights import jobs
from profiles.rights.daily import WALKS, daily, run_jobs
from profiles.rights.places import Surroundings
from profiles.store import Store
from tests.profiles.conftest import record


async def test_requests_are_done_and_retention_and_segments_run_without_being_asked(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record("C000001")])
    job_id = await jobs.ask(around.engine, around.vault, "export", "C000001")
    running = asyncio.create_task(daily(store, around))
    async with asyncio.timeout(30):
        while len(outcomes := _outcomes(customers_url)) < 2:  # noqa: ASYNC110  (the database tells nobody)
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert outcomes == {"segments": {"customers": 0}, "retention": {}}
    with psycopg.connect(customers_url) as connection:
        state = connection.execute(
            "SELECT state FROM profiles.rights_jobs WHERE job_id = %s", [job_id]
        ).fetchone()
    assert state == ("done",)


async def test_a_request_that_ends_with_an_error_holds_up_no_other_and_has_failed_after_some_walks(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record("C000001"), record("C000002")])
    with psycopg.connect(customers_url) as connection:
        # A day that Python has no date for.
        connection.execute(
            "INSERT INTO profiles.daily_activity (customer_id, day, name, count, amount, last_at) "
            "VALUES ('C000001', '0001-12-31 BC', 'Page Viewed', 1, 0, now())"
        )
    poisoned = await jobs.ask(around.engine, around.vault, "export", "C000001")
    other = await jobs.ask(around.engine, around.vault, "export", "C000002")

    await run_jobs(around)
    assert _states(customers_url) == {poisoned: ("running", None), other: ("done", None)}
    for _ in range(WALKS - 1):
        await run_jobs(around)
    assert _states(customers_url)[poisoned] == ("failed", "ended with DataError")


async def test_while_something_is_away_a_request_waits_and_does_not_fail(
    store: Store, around: Surroundings, customers_url: str
) -> None:
    await store.write([record("C000001")])
    job_id = await jobs.ask(around.engine, around.vault, "export", "C000001")
    async with Redis.from_url(f"redis://127.0.0.1:{free_port()}/0") as away:
        for _ in range(WALKS + 1):
            await run_jobs(replace(around, redis=away))
    assert _states(customers_url)[job_id] == ("running", None)
    await run_jobs(around)
    assert _states(customers_url)[job_id] == ("done", None)


def _states(url: str) -> dict[str, tuple[str, str | None]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT job_id, state, problem FROM profiles.rights_jobs").fetchall()
    return {job_id: (state, problem) for job_id, state, problem in rows}


def _outcomes(url: str) -> dict[str, object]:
    with psycopg.connect(url) as connection:
        query = "SELECT task, outcome FROM profiles.daily_runs WHERE finished_at IS NOT NULL"
        return dict(connection.execute(query).fetchall())
