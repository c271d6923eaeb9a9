"""The handler of events over a real store, and where it lays aside what fails."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from profiles.crypto import Vault
from profiles.events.dead import DeadLetters
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import DATA_KEY


@pytest.fixture
async def letters(redis_url: str) -> AsyncIterator[DeadLetters]:
    async with Redis.from_url(redis_url) as redis:
        yield DeadLetters(redis, Vault(DATA_KEY))


@pytest.fixture
def chunks(store: Store, letters: DeadLetters) -> Chunks:
    return Chunks(store, Vault(DATA_KEY), letters)
