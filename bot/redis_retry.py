"""A command to Redis that outlives a short absence of the server."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

T = TypeVar("T")

#: Seconds after which Redis counts as down; a restart takes less.
PATIENCE = 1.8
#: Time limit of one connection or command, in seconds.
SOCKET_SECONDS = 1.0

_FIRST_PAUSE = 0.03
_LONGEST_PAUSE = 0.3

#: What a server that restarts, loads its data or is cut off looks like.
UNAVAILABLE = (RedisConnectionError, RedisTimeoutError, OSError)


#: How a command is run: `persistently` or `once`.
Runner = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


async def once(command: Callable[[], Awaitable[T]]) -> T:
    """Run `command` without another try."""
    return await command()


async def persistently(command: Callable[[], Awaitable[T]]) -> T:
    """Run `command`, which may be run twice, again with growing pauses while Redis can't be reached.

    Raises:
        RedisConnectionError, RedisTimeoutError, OSError: Redis was away for longer than `PATIENCE`.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    pause = _FIRST_PAUSE
    while True:
        try:
            async with asyncio.timeout_at(end):
                return await command()
        except UNAVAILABLE:
            if loop.time() + pause >= end:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
