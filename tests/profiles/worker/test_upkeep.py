"""The stream keeps what somebody has still to do, and nothing else."""

from typing import Any

from redis.asyncio import Redis

from profiles.events.stream import EVENTS
from profiles.worker.subscribers import make_groups
from profiles.worker.upkeep import seconds_behind, trim

ENTRIES = 500


async def fill(redis: Redis) -> list[Any]:
    await make_groups(redis, ["profiles", "lake"])
    return [await redis.xadd(EVENTS, {"n": n}) for n in range(ENTRIES)]


async def take(redis: Redis, group: str, count: int) -> None:
    await redis.xreadgroup(group, "reader", {EVENTS: ">"}, count=count)


async def left(redis: Redis) -> set[bytes]:
    entries: Any = await redis.xrange(EVENTS)
    return {id_ for id_, _ in entries}


async def test_entries_that_all_groups_are_done_with_are_deleted_and_no_others(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        ids = await fill(redis)
        for group in ("profiles", "lake"):
            await take(redis, group, 400)
        await redis.xack(EVENTS, "profiles", *ids[:400])
        await redis.xack(EVENTS, "lake", *ids[:300])
        await trim(redis, EVENTS)
        kept = await left(redis)
    assert set(ids[300:]) <= kept
    assert len(kept) < ENTRIES - 100  # Redis deletes whole nodes of a hundred entries


async def test_an_entry_that_was_given_to_nobody_yet_is_kept(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:
        ids = await fill(redis)
        await take(redis, "profiles", ENTRIES)
        await redis.xack(EVENTS, "profiles", *ids)
        await trim(redis, EVENTS)
        assert await left(redis) == set(ids)


async def test_a_group_is_as_far_behind_as_its_newest_entry_is_older_than_the_newest_of_all(
    redis_url: str,
) -> None:
    async with Redis.from_url(redis_url) as redis:
        await make_groups(redis, ["profiles"])
        assert await seconds_behind(redis, EVENTS, "profiles") == 0
        await redis.xadd(EVENTS, {"n": 1}, id="1000-0")
        await take(redis, "profiles", 1)
        await redis.xadd(EVENTS, {"n": 2}, id="3500-0")
        assert await seconds_behind(redis, EVENTS, "profiles") == 2.5
