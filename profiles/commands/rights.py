"""What commands about the rights of people work on."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis import RedisError
from redis.asyncio import Redis

from common.settings import load as load_settings
from profiles.commands.stores import COMMAND_STATEMENT_SECONDS, open_stores, require_database
from profiles.rights.places import Surroundings
from profiles.rights.stores import UnusableStores, declared
from profiles.segments import load as load_segments
from profiles.settings import SEGMENTS_FILE, RightsSettings, WorkerSettings
from profiles.store import Store

T = TypeVar("T")


def with_surroundings(work: Callable[[Store, Surroundings], Awaitable[T]]) -> T:
    """Do `work` on all stores that the environment names.

    Raises:
        SystemExit: one of them can't be used; says why.
    """
    settings = load_settings(RightsSettings)
    try:
        declared()
    except UnusableStores as error:
        raise SystemExit(f"profiles: {error}") from None

    async def run() -> T:
        store, views, _vault = open_stores(settings, load_segments(SEGMENTS_FILE), COMMAND_STATEMENT_SECONDS)
        redis = Redis.from_url(settings.redis_url)
        try:
            await require_database(store)
            return await work(store, surroundings(store, redis, settings))
        except RedisError as error:
            raise SystemExit(
                f"profiles: Redis can't be used ({type(error).__name__}); run it again"
            ) from None
        finally:
            await redis.aclose()
            await views.close()
            await store.engine.dispose()

    return asyncio.run(run())


def surroundings(store: Store, redis: Redis, settings: RightsSettings | WorkerSettings) -> Surroundings:
    """All declared stores."""
    return Surroundings(
        engine=store.engine,
        vault=store.vault,
        data_key=settings.data_key_bytes(),
        redis=redis,
        state=settings.state,
        stores=declared(),
    )
