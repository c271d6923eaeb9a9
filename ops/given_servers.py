"""PostgreSQL and Redis of one's own, named by `DATABASE_URL` and `REDIS_URL`: do they answer?"""

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.masking import mask
from ops.errors import OpsError

_SECONDS = 5


def check_given_servers(database_url: str | None, redis_url: str | None) -> None:
    """Connect once to each that is given.

    Raises:
        OpsError: when one does not answer; passwords are left out of the message.
    """
    if database_url is not None:
        try:
            psycopg.connect(database_url, connect_timeout=_SECONDS).close()
        except psycopg.Error as error:
            raise _unusable("DATABASE_URL", "PostgreSQL", error) from None
    if redis_url is not None:
        try:
            with redis.Redis.from_url(
                redis_url, socket_connect_timeout=_SECONDS, retry=Retry(NoBackoff(), 0)
            ) as client:
                client.ping()
        except (redis.RedisError, ValueError) as error:
            raise _unusable("REDIS_URL", "Redis", error) from None


def _unusable(variable: str, server: str, error: Exception) -> OpsError:
    reason = mask(" ".join(str(error).split()))
    return OpsError(
        f"{variable} is set, but that {server} can't be used: {reason}. "
        f"Start it, correct {variable}, or unset it to get an embedded one."
    )
