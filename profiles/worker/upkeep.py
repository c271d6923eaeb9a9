"""The stream keeps what somebody has still to do, and nothing else; and how far behind its readers are."""

import asyncio
from typing import Any

from redis import RedisError
from redis.asyncio import Redis

from common.logs import get_logger

log = get_logger(__name__)

TRIM_SECONDS = 10.0


async def trim_for_ever(redis: Redis, stream: str) -> None:
    """Delete, every few seconds, the entries that every group is done with."""
    while True:
        try:
            await trim(redis, stream)
        except (RedisError, OSError) as error:
            log.warning("stream not trimmed", error=type(error).__name__)
        await asyncio.sleep(TRIM_SECONDS)


async def trim(redis: Redis, stream: str) -> None:
    """Delete the entries that every group is done with.

    Raises:
        redis.RedisError
    """
    done = []
    # What was delivered is read first: an entry that is pending afterwards is then known to be.
    for group in await _groups(redis, stream):
        pending: Any = await redis.xpending(stream, group["name"])
        done.append(pending["min"] if pending["pending"] else group["last-delivered-id"])
    if done:
        oldest = min(done, key=_moment)
        await redis.xtrim(stream, minid=oldest.decode(), approximate=True)


async def seconds_behind(redis: Redis, stream: str, group: str) -> float:
    """How much older the newest entry that the group has been given is than the newest entry.

    Raises:
        redis.RedisError
    """
    info: Any = await redis.xinfo_stream(stream)
    [delivered] = [one["last-delivered-id"] for one in await _groups(redis, stream) if one["name"] == group]
    return (_moment(info["last-generated-id"])[0] - _moment(delivered)[0]) / 1000


async def _groups(redis: Redis, stream: str) -> list[dict[str, Any]]:
    groups: Any = await redis.xinfo_groups(stream)
    return [
        {name.decode() if isinstance(name, bytes) else name: value for name, value in group.items()}
        | {"name": _text(group["name"])}
        for group in groups
    ]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _moment(id_: bytes) -> tuple[int, int]:
    milliseconds, _, number = id_.partition(b"-")
    return int(milliseconds), int(number)
