"""What clients read from the cache is noted too, though no service was asked."""

import hashlib
from collections.abc import AsyncIterator

import psycopg
import pytest
from redis.asyncio import Redis

from ops.ports import LOOPBACK, free_port
from profiles.audit.cached_reads import CachedReads
from profiles.client import ProfilesClient
from profiles.crypto import Vault
from profiles.protocol import READ_CACHED, READS_STREAM, view_key
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY, KEYS, record

PURPOSE = "personalisation"


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    redis = Redis.from_url(redis_url)
    yield redis
    await redis.aclose()


async def read(redis: Redis, customer_id: str, key: str = KEYS["read"]) -> bytes | None:
    digest = hashlib.sha256(key.encode()).hexdigest()
    keys = [view_key(customer_id, PURPOSE), READS_STREAM]
    found: bytes | None = await redis.register_script(READ_CACHED)(
        keys=keys, args=[digest, customer_id, PURPOSE, "cache"]
    )
    return found


def noted(url: str) -> list[tuple[str, str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT who, what, why FROM profiles.audit WHERE what LIKE 'view%' ORDER BY sequence"
        ).fetchall()


async def test_each_read_from_the_cache_is_noted_once(store: Store, customers_url: str, redis: Redis) -> None:
    await store.write([record()])
    await store.view("C000001", PURPOSE)
    assert await read(redis, "C000001")
    assert await read(redis, "C000001", "stolen")
    assert await read(redis, "C000002") is None
    writers = [CachedReads(redis, store.engine, Vault(DATA_KEY), name) for name in ("one", "two")]
    assert [await writer.write() for writer in writers] == [2, 0]
    assert noted(customers_url) == [
        ("reader", "view (cache)", f"purpose {PURPOSE}"),
        ("unknown key", "view (cache)", f"purpose {PURPOSE}"),
    ]
    assert await redis.xlen(READS_STREAM) == 0


async def test_what_a_process_took_and_did_not_write_another_writes(
    store: Store, customers_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("profiles.audit.cached_reads.TAKE_OVER", 0)
    await store.write([record()])
    await store.view("C000001", PURPOSE)
    await read(redis, "C000001")
    lost, other = (CachedReads(redis, store.engine, Vault(DATA_KEY), name) for name in ("lost", "other"))
    assert len(await lost._take()) == 1
    assert await other.write() == 1
    assert len(noted(customers_url)) == 1


async def test_words_that_make_no_sense_do_not_stop_the_others(store: Store, redis: Redis) -> None:
    await redis.xadd(READS_STREAM, {"key": b"\xff", "customer": "", "purpose": "\x00"})
    await redis.xadd(READS_STREAM, {"other": "field"})
    assert await CachedReads(redis, store.engine, Vault(DATA_KEY), "one").write() == 2


async def test_the_client_leaves_word_of_what_it_reads(
    store: Store, customers_url: str, redis_url: str, redis: Redis
) -> None:
    await store.write([record()])
    await store.view("C000001", PURPOSE)
    async with ProfilesClient(f"http://{LOOPBACK}:{free_port()}", KEYS["write"], redis_url) as client:
        assert (await client.view("C000001", PURPOSE)).source == "cache"
    await redis.delete(view_key("C000001", PURPOSE))
    async with ProfilesClient(f"http://{LOOPBACK}:{free_port()}", KEYS["write"], redis_url) as client:
        assert (await client.view("C000001", PURPOSE)).source == "stale"
    await CachedReads(redis, store.engine, Vault(DATA_KEY), "one").write()
    assert [(who, what) for who, what, _ in noted(customers_url)] == [
        ("writeer", "view (cache)"),
        ("writeer", "view (stale)"),
    ]
