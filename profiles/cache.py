"""Views in Redis: written by the service, read by `client`, deleted on each write.

A reader that began before a write may want to store what it read after the write has deleted the view. So
each customer's newest known version rests in Redis too, and an older view is not stored any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from redis.asyncio import Redis

from profiles.protocol import PURPOSES, CachedView, CustomerView, stale_key, view_key

#: A view is read again at least so often: segments and facts may have been changed by other means.
VIEW_SECONDS = 300
STALE_SECONDS = 86_400
#: Longer than any read of the database can take.
VERSION_SECONDS = 3_600

_STORE = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[4])
return 1
"""
_FORGET = """
if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end
return 1
"""


@dataclass(frozen=True)
class Change:
    """A committed write: which version it made, and whether stale copies may not be shown any more either."""

    customer_id: str
    version: int
    forget_stale: bool


class ViewCache:
    """The service's side of the cache. Every method may raise `redis.RedisError`."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._store = redis.register_script(_STORE)
        self._forget = redis.register_script(_FORGET)

    async def store(self, view: CustomerView, now: datetime, valid_until: datetime) -> None:
        """Keep a view until `valid_until` at most (the next consent to expire), unless it is outdated."""
        left = int((valid_until - now).total_seconds() * 1000)
        if left <= 0:
            return
        midnight = now.replace(hour=23, minute=59, second=59, microsecond=999_000)
        until_tomorrow = max(1, int((midnight - now).total_seconds() * 1000))
        text = CachedView(view=view, stored_at=now.timestamp()).model_dump_json()
        await self._store(
            keys=[
                _version_key(view.customer_id),
                view_key(view.customer_id, view.purpose),
                stale_key(view.customer_id, view.purpose),
            ],
            args=[
                view.version,
                text,
                min(VIEW_SECONDS * 1000, left, until_tomorrow),
                min(STALE_SECONDS * 1000, left),
            ],
        )

    async def forget(self, changes: Sequence[Change]) -> None:
        """Delete the views of changed customers, and their stale copies where asked for."""
        async with self.redis.pipeline(transaction=False) as pipeline:
            for change in changes:
                keys = [_version_key(change.customer_id)]
                keys += [view_key(change.customer_id, purpose) for purpose in PURPOSES]
                if change.forget_stale:
                    keys += [stale_key(change.customer_id, purpose) for purpose in PURPOSES]
                await self._forget(keys=keys, args=[change.version, VERSION_SECONDS], client=pipeline)
            await pipeline.execute()

    async def ping(self) -> None:
        await self.redis.ping()

    async def close(self) -> None:
        await self.redis.aclose()


def _version_key(customer_id: str) -> str:
    return f"profiles:version:{customer_id}"
