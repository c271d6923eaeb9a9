"""What the conversation server keeps in Redis: owner epochs for actions, rate limits, who is alive.

Nothing here is the record; while Redis is away conversations go on as far as they can without it.
"""

import time
from uuid import UUID

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from common.logs import get_logger

log = get_logger(__name__)

#: An epoch key outlives any turn; each turn writes it again.
_EPOCH_SECONDS = 24 * 3600
#: A web process that was not seen for this long is gone. Seconds.
_ALIVE_SECONDS = 6.0
_PROCESSES = "web:processes"

# Only ever upwards: a slow writer must not bring back an older epoch.
_RAISE_EPOCH = """
local known = tonumber(redis.call('GET', KEYS[1]) or '0')
if tonumber(ARGV[1]) >= known then redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2]) end
"""


def connect(redis_url: str) -> Redis:
    """A client that gives up fast: a lost connection is tried once more, at once."""
    return Redis.from_url(
        redis_url,
        decode_responses=True,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), 1),
        health_check_interval=15,
    )


class RedisState:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._raise_epoch = redis.register_script(_RAISE_EPOCH)

    async def write_epoch(self, conversation_id: UUID, epoch: int) -> None:
        """Tell actions the epoch under which they may change something. Without it they change nothing."""
        try:
            await self._raise_epoch(
                keys=[f"conversation:{conversation_id}:epoch"], args=[epoch, _EPOCH_SECONDS]
            )
        except (RedisError, OSError) as error:
            log.warning("owner epoch not written", conversation_id=str(conversation_id), error=error)

    async def seconds_to_wait(self, key: str, limit: int, window: int) -> int:
        """0 if one more is within `limit` a `window` of seconds, else how long until the next window."""
        now = time.time()
        place = f"web:rate:{key}:{int(now // window)}"
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.incr(place)
                pipeline.expire(place, window + 1)
                count, _ = await pipeline.execute()
        except (RedisError, OSError) as error:
            log.warning("rate limit not checked", error=error)
            return 0
        return 0 if count <= limit else int(window - now % window) + 1

    async def report_alive(self, process: str) -> None:
        now = time.time()
        try:
            await self._redis.zadd(_PROCESSES, {process: now})
            await self._redis.zremrangebyscore(_PROCESSES, "-inf", now - 60)
        except (RedisError, OSError) as error:
            log.warning("web process not reported alive", error=error)

    async def report_gone(self, process: str) -> None:
        try:
            await self._redis.zrem(_PROCESSES, process)
        except (RedisError, OSError) as error:
            log.warning("web process not reported gone", error=error)

    async def alive(self) -> list[str] | None:
        """The web processes that run; null when Redis can't be asked."""
        try:
            seen = await self._redis.zrangebyscore(_PROCESSES, time.time() - _ALIVE_SECONDS, "+inf")
        except (RedisError, OSError):
            return None
        return [str(process) for process in seen]
