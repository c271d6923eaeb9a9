"""What runs by itself, beside the worker."""

import asyncio

import psycopg

from profiles.rights import jobs
from profiles.rights.daily import daily
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


def _outcomes(url: str) -> dict[str, object]:
    with psycopg.connect(url) as connection:
        query = "SELECT task, outcome FROM profiles.daily_runs WHERE finished_at IS NOT NULL"
        return dict(connection.execute(query).fetchall())
