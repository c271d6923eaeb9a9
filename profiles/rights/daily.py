"""What runs by itself, beside the worker: requests of people, and once a day retention and segments.

Several workers may run: a job is one process's at a time, and a day's task belongs to who notes it first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from redis import RedisError
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from common.logs import get_logger
from profiles.audit.acting import act_as
from profiles.rights import erasure, export, jobs, retention
from profiles.rights.places import Surroundings
from profiles.rights.tables import DailyRun, RightsJob
from profiles.store import Store

log = get_logger(__name__)

LOOK_SECONDS = 2.0
#: Whatever fails for a reason of its own is tried again after so long.
FAILED_SECONDS = 60.0
#: A job that ends with an error is not tried again after so many walks.
WALKS = 5
#: Something is away and will come back; nothing is wrong with a job.
AWAY = (OperationalError, InterfaceError, RedisError, OSError)
Task = Callable[[], Awaitable[dict[str, Any]]]


async def daily(store: Store, around: Surroundings) -> None:
    """Look for what is to be done, until cancelled."""

    async def segments() -> dict[str, Any]:
        return {"customers": await store.recompute_segments()}

    async def old() -> dict[str, Any]:
        return dict(await retention.run(around))

    async def look() -> None:
        await run_jobs(around)
        for task, work in (("retention", old), ("segments", segments)):
            await once_a_day(around.engine, task, work)

    await again_and_again(look, LOOK_SECONDS)


async def again_and_again(look: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Look for what is to be done every so many `seconds`, whatever goes wrong, until cancelled."""
    while True:
        try:
            await look()
        except (SQLAlchemyError, RedisError, OSError) as error:
            log.warning("what runs by itself has to wait", error=type(error).__name__)
        except Exception as error:
            log.error("what runs by itself failed; it is tried again", error=error, exc_info=error)
            await asyncio.sleep(FAILED_SECONDS)
        await asyncio.sleep(seconds)


async def run_jobs(around: Surroundings) -> None:
    """Do the requests that wait, and those whose process has ended before they were done.

    One that ends with an error holds up no other; after `WALKS` of them it has failed.
    """
    for job_id in await jobs.unfinished(around.engine):
        try:
            await _run(around, job_id)
        except jobs.UnderWay:
            continue
        except erasure.StillWritten as error:
            log.error("an erasure failed: somebody goes on writing", job_id=job_id, places=error.places)
        except AWAY as error:
            log.warning("a request has to wait", job_id=job_id, error=type(error).__name__)
        except Exception as error:
            # What an error says may hold what the person has said.
            problem = type(error).__name__
            log.error("a request ended with an error", job_id=job_id, error=problem)
            await jobs.fail_after(around.engine, job_id, WALKS, f"ended with {problem}")


async def _run(around: Surroundings, job_id: str) -> None:
    async with around.engine.connect() as connection:
        query = select(RightsJob.kind).where(RightsJob.job_id == job_id)
        kind = await connection.scalar(query)
    if kind == "export":
        await export.run(around, job_id)
    elif kind == "erasure":
        await erasure.run(around, job_id)


async def once_a_day(engine: AsyncEngine, task: str, work: Task, now: datetime | None = None) -> bool:
    """Do a task unless it was done today (UTC); gives whether this was the time.

    Who is killed while at it leaves it unfinished: the next look begins it again.
    """
    day = (now or datetime.now(UTC)).date()
    this = (DailyRun.task == task, DailyRun.day == day)
    query = select(DailyRun.finished_at).where(*this)
    async with engine.connect() as connection:
        if await connection.scalar(query) is not None:
            return False
    try:
        async with jobs.hold(engine, f"{task} {day}"):
            async with engine.begin() as connection:
                await connection.execute(insert(DailyRun).values(task=task, day=day).on_conflict_do_nothing())
                if await connection.scalar(query) is not None:
                    return False
            act_as("worker", f"daily {task}")
            outcome = await work()
            async with engine.begin() as connection:
                done = update(DailyRun).where(*this).values(finished_at=datetime.now(UTC), outcome=outcome)
                await connection.execute(done)
    except jobs.UnderWay:
        return False
    log.info("daily task done", task=task, outcome=outcome)
    return True
