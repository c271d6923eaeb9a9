"""A store for properties, whose many examples run in one event loop."""

import asyncio
from collections.abc import Iterator

import pytest

from profiles import database
from profiles.cache import ViewCache
from profiles.crypto import Vault
from profiles.redis_connection import connect
from profiles.segments import load
from profiles.settings import SEGMENTS_FILE
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY


@pytest.fixture
def shared(customers_url: str, redis_url: str) -> Iterator[tuple[asyncio.AbstractEventLoop, Store]]:
    loop = asyncio.new_event_loop()
    cache = ViewCache(connect(redis_url))
    store = Store(database.connect(customers_url, 10), cache, Vault(DATA_KEY), load(SEGMENTS_FILE))
    yield loop, store
    loop.run_until_complete(cache.close())
    loop.run_until_complete(store.engine.dispose())
    loop.close()
