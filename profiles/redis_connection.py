"""How the service and its clients reach Redis: fast or not at all, for each has another way."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

#: Redis answers in well under a millisecond; beyond this it counts as down.
REDIS_TIMEOUT_SECONDS = 0.1


def connect(redis_url: str) -> Redis:
    """A client that tries a broken connection once anew (the server may have been restarted) and never waits."""
    return Redis.from_url(
        redis_url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    )
