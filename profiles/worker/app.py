"""The worker as a process: its subscribers, and `/health` for whoever looks after it."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Response
from redis import RedisError

from common import problems
from profiles import database
from profiles.store import Store
from profiles.worker.chunks import Chunks
from profiles.worker.subscribers import connect, make_groups, subscribe

PROFILES = "profiles"
#: Entries in one transaction.
CHUNK = 100


def create_worker(store: Store, redis_url: str) -> FastAPI:
    """The worker over this store; works from its start to its end."""
    broker = connect(redis_url)
    subscribe(broker, PROFILES, Chunks(store).apply_entries, entries=CHUNK)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        redis = await broker.connect()
        await make_groups(redis, [PROFILES])
        await broker.start()
        yield
        await broker.stop()
        await store.engine.dispose()

    app = FastAPI(title="Rapport worker", lifespan=lifespan)
    problems.install(app)

    @app.get("/health")
    async def health(response: Response) -> dict[str, Any]:
        """Ready when events are being read and can be applied."""
        reason = await database.problem_with(store.engine)
        if reason is None and not all(subscriber.running for subscriber in broker.subscribers):
            reason = "the stream is not being read any more"
        if reason is None:
            try:
                await (await broker.connect()).ping()
            except (RedisError, OSError) as error:
                reason = f"Redis can't be reached ({type(error).__name__})"
        if reason:
            response.status_code = 503
            return {"status": "failing", "service": "worker", "reason": reason}
        return {"status": "ready", "service": "worker"}

    return app
