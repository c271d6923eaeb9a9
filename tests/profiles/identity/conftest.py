"""A vault, and a worker that applies events."""

import pytest
from redis.asyncio import Redis

from profiles.crypto import Vault
from profiles.events.dead import DeadLetters
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.conftest import DATA_KEY


@pytest.fixture
def vault() -> Vault:
    return Vault(DATA_KEY)


@pytest.fixture
def chunks(store: Store, vault: Vault, redis_url: str) -> Chunks:
    return Chunks(store, vault, DeadLetters(Redis.from_url(redis_url), vault))
