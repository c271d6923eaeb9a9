"""Accepted events rest in the stream until a worker has them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from ops.ports import LOOPBACK, free_port
from ops.redis_server import RedisServer
from profiles.events.envelope import parse
from profiles.events.stream import EVENTS, RedisEventStream, StreamUnavailable
from tests.profiles.worker.events import event


async def test_the_events_of_one_request_are_one_entry(redis_url: str) -> None:
    stream = RedisEventStream(redis_url)
    await stream.publish([event("m1"), event("m2")])
    await stream.publish([])
    await stream.close()
    async with Redis.from_url(redis_url) as redis:
        entries: Any = await redis.xrange(EVENTS)
    assert [[one.message_id for one in parse(fields[b"__data__"])] for _, fields in entries] == [["m1", "m2"]]


async def test_without_redis_nothing_is_taken_for_accepted() -> None:
    stream = RedisEventStream(f"redis://{LOOPBACK}:{free_port()}/0")
    with pytest.raises(StreamUnavailable):
        await stream.publish([event("m1")])
    await stream.close()


async def test_what_a_killed_redis_may_not_have_kept_is_handed_over_again(tmp_path: Path) -> None:
    with RedisServer(tmp_path, durable=False) as server:
        stream = RedisEventStream(server.url)
        await stream.publish([event("m1")])
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        with pytest.raises(StreamUnavailable):
            await stream.publish([event("m2")])
        server.start()
        async with Redis.from_url(server.url) as redis, asyncio.timeout(10):
            while not await redis.xlen(EVENTS):  # noqa: ASYNC110  (another process)
                await asyncio.sleep(0.05)
            entries: Any = await redis.xrange(EVENTS)
        await stream.close()
    assert [[one.message_id for one in parse(fields[b"__data__"])] for _, fields in entries] == [["m1"]]
