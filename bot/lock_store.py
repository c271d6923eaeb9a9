"""One turn at a time in each conversation: a fair lock that wakes the next one up.

Within the process an `asyncio.Lock` lets one turn of a conversation go to Redis, in the order in which they
came. Between processes Redis keeps the holder and a queue. Who leaves hands the lock to the head of the
queue and pushes to that one's own list, on which it waits with `BLPOP`: nobody polls.

The holder's key expires, so that a process that died blocks nobody for longer than `LIFETIME`. A holder
that took longer has lost the lock, and the tracker store refuses what it then saves.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.redis_retry import SOCKET_SECONDS, Runner, once, persistently

logger = logging.getLogger(__name__)

#: Seconds after which a holder is taken for dead: more than a turn may take.
LIFETIME = 6.0
#: Seconds that a turn waits for those before it.
WAIT = 10.0

# 0: the lock is the caller's; else the milliseconds until the present holder expires.
# A caller may ask again: it keeps its place in the queue.
_ACQUIRE = """
local holder, queue, token, life = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
local held_by = redis.call('GET', holder)
if held_by == token then return 0 end
if not held_by then
  local head = redis.call('LINDEX', queue, 0)
  if not head or head == token then
    if head then redis.call('LPOP', queue) end
    redis.call('SET', holder, token, 'PX', life)
    return 0
  end
  redis.call('LPOP', queue)
  redis.call('SET', holder, head, 'PX', life)
  redis.call('RPUSH', 'wake:' .. holder .. ':' .. head, '1')
  redis.call('PEXPIRE', 'wake:' .. holder .. ':' .. head, life)
end
if not redis.call('LPOS', queue, token) then redis.call('RPUSH', queue, token) end
redis.call('PEXPIRE', queue, ARGV[3])
return math.max(redis.call('PTTL', holder), 1)
"""

_RELEASE = """
local holder, queue, token, life = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
redis.call('LREM', queue, 0, token)
if redis.call('GET', holder) ~= token then return 0 end
local head = redis.call('LPOP', queue)
if head then
  redis.call('SET', holder, head, 'PX', life)
  redis.call('RPUSH', 'wake:' .. holder .. ':' .. head, '1')
  redis.call('PEXPIRE', 'wake:' .. holder .. ':' .. head, life)
else
  redis.call('DEL', holder)
end
return 1
"""


class RedisLockStore(LockStore):
    """Locks of conversations, shared by all processes that use one Redis.

    Args:
        endpoint_config: its `url` is that of Redis.
    """

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        super().__init__()
        # Longer than the longest `BLPOP`, which ends by itself when the holder expires.
        self._redis: Redis = Redis.from_url(
            endpoint_config.url,
            socket_timeout=LIFETIME + SOCKET_SECONDS,
            socket_connect_timeout=SOCKET_SECONDS,
        )
        self._acquire = self._redis.register_script(_ACQUIRE)
        self._release = self._redis.register_script(_RELEASE)
        self._here: dict[str, _Here] = {}

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LIFETIME, wait_time_in_seconds: float = WAIT
    ) -> AsyncIterator[TicketLock]:
        """Hold the lock of a conversation.

        Raises:
            LockError: it was not to be had within `wait_time_in_seconds`, or Redis can't be reached.
        """
        here = self._here.setdefault(conversation_id, _Here())
        here.users += 1
        try:
            async with here.lock:
                token = secrets.token_hex(8)
                try:
                    await self._take(conversation_id, token, lock_lifetime, wait_time_in_seconds)
                except BaseException:
                    await self._give_back(conversation_id, token, lock_lifetime, once)
                    raise
                try:
                    yield TicketLock(conversation_id)
                finally:
                    await self._give_back(conversation_id, token, lock_lifetime)
        finally:
            here.users -= 1
            if not here.users:
                del self._here[conversation_id]

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close(close_connection_pool=True)

    async def _take(self, conversation_id: str, token: str, lifetime: float, wait: float) -> None:
        keys = _keys(conversation_id)
        arguments = [token, round(lifetime * 1000), round((wait + lifetime) * 1000)]
        end = time.monotonic() + wait
        try:
            while True:
                milliseconds = await persistently(lambda: self._acquire(keys=keys, args=arguments))
                if not milliseconds:
                    return
                left = end - time.monotonic()
                if left <= 0:
                    break
                # Woken up when the lock was handed over; else the holder has expired: ask again.
                await self._redis.blpop(f"wake:{keys[0]}:{token}", timeout=min(milliseconds / 1000, left))
        except (RedisError, OSError, TimeoutError) as error:
            raise LockError(f"No lock for conversation {conversation_id}: {type(error).__name__}") from error
        raise LockError(f"No lock for conversation {conversation_id} within {wait:g} s.")

    async def _give_back(
        self, conversation_id: str, token: str, lifetime: float, run: Runner = persistently
    ) -> None:
        """Hand the lock, or the place in the queue, to the next; after a failure it expires by itself."""
        keys, arguments = _keys(conversation_id), [token, round(lifetime * 1000)]
        try:
            await run(lambda: self._release(keys=keys, args=arguments))
        except (RedisError, OSError, TimeoutError) as error:
            reason = type(error).__name__
            logger.warning("lock of conversation %s left to expire: %s", conversation_id, reason)


class _Here:
    """The turns of one conversation within this process."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


def _keys(conversation_id: str) -> list[str]:
    return [f"lock:{{{conversation_id}}}", f"lock:{{{conversation_id}}}:queue"]
