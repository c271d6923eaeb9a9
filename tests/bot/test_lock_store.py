"""One turn at a time in a conversation, in the order in which they came, in one process and in several."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from rasa.core.lock_store import LockError
from rasa.utils.endpoints import EndpointConfig

from bot.lock_store import RedisLockStore
from ops.ports import free_port
from ops.redis_server import RedisServer


@pytest_asyncio.fixture
async def stores(redis_url: str) -> AsyncIterator[list[RedisLockStore]]:
    """Three stores that share a Redis, as three processes do."""
    made = [RedisLockStore(EndpointConfig(redis_url)) for _ in range(3)]
    yield made
    for store in made:
        await store.close()


async def _queued(store: RedisLockStore, length: int) -> None:
    while await store._redis.llen("lock:{c}:queue") < length:  # noqa: ASYNC110
        await asyncio.sleep(0.002)


async def test_within_a_process_turns_run_one_by_one_in_order(stores: list[RedisLockStore]) -> None:
    log: list[tuple[str, int]] = []

    async def turn(number: int) -> None:
        async with stores[0].lock("c"):
            log.append(("begin", number))
            await asyncio.sleep(0.001)
            log.append(("end", number))

    await asyncio.gather(*(turn(number) for number in range(20)))
    assert log == [(what, number) for number in range(20) for what in ("begin", "end")]


async def test_between_processes_turns_run_one_by_one_in_order(stores: list[RedisLockStore]) -> None:
    order: list[int] = []
    inside = 0

    async def turn(number: int) -> None:
        nonlocal inside
        async with stores[number].lock("c"):
            inside += 1
            assert inside == 1
            order.append(number)
            await asyncio.sleep(0.001)
            inside -= 1

    async with stores[0].lock("c"):
        waiting = []
        for place, number in enumerate((2, 1)):
            waiting.append(asyncio.create_task(turn(number)))
            await _queued(stores[0], place + 1)
    await asyncio.gather(*waiting)
    assert order == [2, 1]


async def test_the_next_is_woken_up_at_once(stores: list[RedisLockStore]) -> None:
    async def take() -> float:
        async with stores[1].lock("c"):
            return time.monotonic()

    async with stores[0].lock("c"):
        waiting = asyncio.create_task(take())
        await _queued(stores[0], 1)
        left = time.monotonic()
    assert await waiting - left < 0.2


async def test_many_processes_and_turns_never_overlap(stores: list[RedisLockStore]) -> None:
    holders = 0

    async def turn(store: RedisLockStore) -> None:
        nonlocal holders
        async with store.lock("c"):
            holders += 1
            assert holders == 1
            await asyncio.sleep(0)
            holders -= 1

    await asyncio.gather(*(turn(store) for store in stores * 15))
    assert await stores[0]._redis.keys("*lock:*") == []


async def test_other_conversations_are_not_held_up(stores: list[RedisLockStore]) -> None:
    async with stores[0].lock("c"), stores[0].lock("d"), stores[1].lock("e"):
        pass


async def test_a_process_that_died_holds_the_lock_only_until_it_expires(stores: list[RedisLockStore]) -> None:
    dead = stores[0].lock("c", lock_lifetime=0.3)
    await dead.__aenter__()  # and never left
    began = time.monotonic()
    async with stores[1].lock("c"):
        assert 0.2 < time.monotonic() - began < 2


async def test_who_gives_up_waiting_leaves_the_queue(stores: list[RedisLockStore]) -> None:
    async with stores[0].lock("c"):
        with pytest.raises(LockError, match=r"within 0.1 s"):
            async with stores[1].lock("c", wait_time_in_seconds=0.1):
                pass
        cancelled = asyncio.create_task(stores[2].lock("c").__aenter__())
        await _queued(stores[0], 1)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        assert await stores[0]._redis.llen("lock:{c}:queue") == 0
    async with stores[1].lock("c"):
        pass


async def test_an_error_within_releases_the_lock(stores: list[RedisLockStore]) -> None:
    with pytest.raises(ValueError, match="broken"):
        async with stores[0].lock("c"):
            raise ValueError("broken")
    async with stores[1].lock("c", wait_time_in_seconds=0.1):
        pass
    assert stores[0]._here == {}


async def test_without_redis_the_lock_is_refused_in_time() -> None:
    store = RedisLockStore(EndpointConfig(f"redis://127.0.0.1:{free_port()}/0"))
    began = time.monotonic()
    with pytest.raises(LockError):
        async with store.lock("c"):
            pass
    assert time.monotonic() - began < 2.5


async def test_a_lock_is_had_across_a_restart_of_redis(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as redis:
        store = RedisLockStore(EndpointConfig(redis.url))
        async with store.lock("c"):
            pass
        redis.stop()
        starting = asyncio.create_task(asyncio.to_thread(redis.start))
        async with store.lock("c"):
            pass
        await starting
        await store.close()
