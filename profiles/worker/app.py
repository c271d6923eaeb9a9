"""The worker as a process: its subscribers, and `/health` for whoever looks after it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Response
from redis import RedisError
from redis.asyncio import Redis
from sqlalchemy.exc import SQLAlchemyError

from common import problems
from common.logs import get_logger
from profiles import database
from profiles.crypto import Vault
from profiles.events.dead import DeadLetters
from profiles.events.stream import EVENTS
from profiles.lake import files
from profiles.lake.lake import Lake
from profiles.store import Store
from profiles.worker.ageing import age_for_ever
from profiles.worker.chunks import Chunks
from profiles.worker.filling import Filling
from profiles.worker.subscribers import connect, make_groups, subscribe
from profiles.worker.upkeep import seconds_behind, trim_for_ever

log = get_logger(__name__)

PROFILES = "profiles"
LAKE = "lake"
#: Entries that are read at once.
ENTRIES = 300
#: Longer than these take on a slow machine, and than the lake gathers.
ABANDONED_SECONDS = {PROFILES: 30.0, LAKE: 120.0}
#: How often files of the lake are put together.
COMPACT_SECONDS = 3_600.0
#: How long work that was told to end may take for it.
STOP_SECONDS = 5.0


def create_worker(store: Store, vault: Vault, lake: Lake, redis_url: str) -> FastAPI:
    """The worker over this store and lake; works from its start to its end."""
    broker = connect(redis_url)
    redis = Redis.from_url(redis_url)
    chunks = Chunks(store, vault, DeadLetters(redis, vault))
    filling = Filling(lake, store.engine, vault)
    for group, handle in ((PROFILES, chunks.handle), (LAKE, filling.handle)):
        subscribe(broker, group, handle, vault, entries=ENTRIES, abandoned_seconds=ABANDONED_SECONDS[group])

    tasks: list[asyncio.Task[None]] = []

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        files.table_of([])  # with its first table pyarrow imports pandas, for which events would have to wait
        await make_groups(redis, [PROFILES, LAKE])
        await broker.start()
        tasks.extend(
            asyncio.create_task(work, name=name)
            for name, work in (
                ("trimming the stream", trim_for_ever(redis, EVENTS)),
                ("filling the lake", filling.write_for_ever()),
                ("compacting the lake", compact_for_ever(lake)),
                ("ageing customers", age_for_ever(store, redis)),
            )
        )
        yield
        for task in tasks:
            task.cancel()
        # Bounded: a call that times out at this very moment may swallow the cancellation.
        await asyncio.wait(tasks, timeout=STOP_SECONDS)
        await filling.write()
        await broker.stop()
        await redis.aclose()
        await store.engine.dispose()

    app = FastAPI(title="Rapport worker", lifespan=lifespan)
    problems.install(app)

    @app.get("/health")
    async def health(response: Response) -> dict[str, Any]:
        """Ready when events are being read and can be applied, and all work besides goes on."""
        reason = await database.problem_with(store.engine)
        if reason is None and not all(subscriber.running for subscriber in broker.subscribers):
            reason = "the stream is not being read any more"
        if reason is None:
            reason = next((f"{task.get_name()} has ended" for task in tasks if task.done()), None)
        behind = 0.0
        if reason is None:
            try:
                behind = await seconds_behind(redis, EVENTS, PROFILES)
            except (RedisError, OSError) as error:
                reason = f"Redis can't be reached ({type(error).__name__})"
        if reason:
            response.status_code = 503
            return {"status": "failing", "service": "worker", "reason": reason}
        return {"status": "ready", "service": "worker", "seconds_behind": behind, **asdict(chunks.counts)}

    return app


async def compact_for_ever(lake: Lake) -> None:
    """Put the many small files of days gone by together, now and then."""
    while True:
        try:
            await lake.compact(datetime.now(UTC).date())
        except (OSError, SQLAlchemyError) as error:
            log.warning("lake not compacted", error=type(error).__name__)
        await asyncio.sleep(COMPACT_SECONDS)
