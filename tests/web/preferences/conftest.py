"""The preference centre between a conversation server and a real profile service, which knows Maria."""

from collections.abc import AsyncIterator

import pytest_asyncio

from profiles import database
from profiles.api import create_app
from profiles.cache import ViewCache
from profiles.crypto import Vault
from profiles.events.stream import RedisEventStream
from profiles.keys import parse_keys, replace_keys
from profiles.redis_connection import connect
from profiles.segments import load
from profiles.settings import SEGMENTS_FILE
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY, KEYS, customers_url, migrated_url, record, tokens_of
from tests.web.conftest import Settings, Web, started
from tests.web.servers import served

#: Fixtures of the profile service's tests.
__all__ = ["customers_url", "migrated_url"]


@pytest_asyncio.fixture(loop_scope="session")
async def store(customers_url: str, redis_url: str) -> AsyncIterator[Store]:
    cache = ViewCache(connect(redis_url))
    store = Store(database.connect(customers_url, 10), cache, Vault(DATA_KEY), load(SEGMENTS_FILE))
    await replace_keys(store.engine, parse_keys(f"web:write:{KEYS['write']}"))
    await store.write([record()])
    yield store
    await cache.close()
    await store.engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def real_profiles_url(store: Store, customers_url: str, redis_url: str) -> AsyncIterator[str]:
    events = RedisEventStream(redis_url, Vault(DATA_KEY))
    app = create_app(store, ViewCache(connect(redis_url)), Vault(DATA_KEY), events, tokens_of(customers_url))
    async with served(app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def web(settings: Settings, real_profiles_url: str) -> AsyncIterator[Web]:
    async with started(settings(profiles_url=real_profiles_url, profiles_key=KEYS["write"])) as running:
        yield running
