"""Accepted events rest in the stream until a worker has them."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from ops.ports import LOOPBACK, free_port
from ops.redis_server import RedisServer
from profiles.crypto import Vault
from profiles.events.envelope import parse
from profiles.events.sealed_entries import open_entry, seal_entry
from profiles.events.stream import EVENTS, RedisEventStream, StreamUnavailable
from tests.profiles.conftest import DATA_KEY
from tests.profiles.worker.events import event

VAULT = Vault(DATA_KEY)


async def test_the_events_of_one_request_are_one_entry(redis_url: str) -> None:
    stream = RedisEventStream(redis_url, VAULT)
    await stream.publish([event("m1"), event("m2")])
    await stream.publish([])
    await stream.close()
    async with Redis.from_url(redis_url) as redis:
        entries: Any = await redis.xrange(EVENTS)
    assert [
        [one.message_id for one in parse(open_entry(VAULT, fields[b"__data__"]))] for _, fields in entries
    ] == [["m1", "m2"]]


async def test_nothing_can_be_read_in_an_entry(redis_url: str) -> None:
    stream = RedisEventStream(redis_url, VAULT)
    await stream.publish([event("m1", "identify", user_id="C7", traits={"email": "maria@example.org"})])
    await stream.close()
    async with Redis.from_url(redis_url) as redis:
        rows: Any = await redis.xrange(EVENTS)
    [(_, fields)] = rows
    for needle in (b"maria", b"C7", b"identify"):
        assert needle not in fields[b"__data__"]


def test_what_was_not_sealed_or_does_not_open_is_given_as_it_is() -> None:
    assert open_entry(VAULT, b'{"events":[]}') == b'{"events":[]}'
    other = seal_entry(Vault(b"o" * 32), b'{"events":[]}')
    assert open_entry(VAULT, other) == other
    # Laid aside, it is read by whoever has the key.
    assert open_entry(Vault(b"o" * 32), seal_entry(VAULT, other)) == b'{"events":[]}'
    assert open_entry(VAULT, seal_entry(VAULT, b"\xff no text")) == b"\xff no text"


async def test_without_redis_nothing_is_taken_for_accepted() -> None:
    stream = RedisEventStream(f"redis://{LOOPBACK}:{free_port()}/0", VAULT)
    with pytest.raises(StreamUnavailable):
        await stream.publish([event("m1")])
    await stream.close()


async def test_what_a_killed_redis_may_not_have_kept_is_handed_over_again(tmp_path: Path) -> None:
    with RedisServer(tmp_path, durable=False) as server:
        stream = RedisEventStream(server.url, VAULT)
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
    assert [
        [one.message_id for one in parse(open_entry(VAULT, fields[b"__data__"]))] for _, fields in entries
    ] == [["m1"]]
