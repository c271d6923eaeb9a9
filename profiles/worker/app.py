"""The worker as a process: its subscribers, and `/health` for whoever looks after it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Response
from redis import RedisError
from redis.asyncio import Redis

from common import problems
from profiles import database
from profiles.crypto import Vault
from profiles.events.dead import DeadLetters
from profiles.events.stream import EVENTS
from profiles.store import Store
from profiles.worker.chunks import Chunks
from profiles.worker.subscribers import connect, make_groups, subscribe
from profiles.worker.upkeep import seconds_behind, trim_for_ever

PROFILES = "profiles"
#: Entries in one transaction.
CHUNK = 100


def create_worker(store: Store, vault: Vault, redis_url: str) -> FastAPI:
    """The worker over this store; works from its start to its end."""
    broker = connect(redis_url)
    redis = Redis.from_url(redis_url)
    chunks = Chunks(store, vault, DeadLetters(redis))
    subscribe(broker, PROFILES, chunks.apply_entries, entries=CHUNK)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await make_groups(redis, [PROFILES])
        trimming = asyncio.create_task(trim_for_ever(redis, EVENTS))
        await broker.start()
        yield
        await broker.stop()
        trimming.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await trimming
        await redis.aclose()
        await store.engine.dispose()

    app = FastAPI(title="Rapport worker", lifespan=lifespan)
    problems.install(app)

    @app.get("/health")
    async def health(response: Response) -> dict[str, Any]:
        """Ready when events are being read and can be applied."""
        reason = await database.problem_with(store.engine)
        if reason is None and not all(subscriber.running for subscriber in broker.subscribers):
            reason = "the stream is not being read any more"
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
