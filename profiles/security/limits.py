"""How many requests a caller may send: one count for all processes, kept in Redis (`data/security/limits.yml`).

A bucket that fills steadily (GCRA), decided by one script in one round trip. Who may send many requests gets them by
the block, so that most requests ask nobody; what is left of a block is lost after a moment.
"""

import asyncio
import math
import time
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import yaml
from pydantic import BaseModel, ConfigDict, PositiveFloat, PositiveInt
from redis import RedisError
from redis.asyncio import Redis

from common.logs import get_logger
from profiles.security.policy import FOLDER

log = get_logger(__name__)

#: A block is this part of the burst.
BLOCK_PART = 100
BLOCK_SECONDS = 0.5
#: Of so many callers at most; the oldest blocks have long ended.
MOST_BLOCKS = 10_000
#: While Redis is away it is asked again so often.
AWAY_SECONDS = 1.0

#: Times in microseconds. Gives: how many were granted (all or none), how many are left, when one will be there
#: again and when the bucket will be full.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local after = full_at + each * wanted
local room = now + each * burst - after
if room < 0 then
  return {0, math.max(0, math.floor((room + each * wanted) / each)), math.ceil(each - (room + each * wanted)),
    math.ceil(full_at - now)}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
return {wanted, math.floor(room / each), 0, math.ceil(after - now)}
"""


class Limit(BaseModel):
    """So many requests a second, and so many at once after a pause."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_second: PositiveFloat
    burst: PositiveInt


class Limits(BaseModel):
    """The file as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    default: Limit
    roles: dict[str, Limit]
    callers: dict[str, Limit]
    token: Limit

    def of(self, name: str, role: str) -> Limit:
        """What holds for a caller."""
        return self.callers.get(name) or self.roles.get(role) or self.default


def load_limits(file: Path = FOLDER / "limits.yml") -> Limits:
    """The limits of the file."""
    return Limits.model_validate(yaml.safe_load(file.read_text()))


@dataclass(frozen=True)
class Allowance:
    """Whether a request may pass, and what the caller is told. Times in seconds."""

    passes: bool
    limit: Limit
    left: int
    retry_after: float
    full_after: float

    def headers(self) -> dict[str, str]:
        """As drafted in draft-ietf-httpapi-ratelimit-headers, and `Retry-After` when the request may not pass."""
        window = math.ceil(self.limit.burst / self.limit.per_second)
        told = {
            "RateLimit-Policy": f'"caller";q={self.limit.burst};w={window}',
            "RateLimit": f'"caller";r={self.left};t={math.ceil(self.full_after)}',
        }
        return told if self.passes else {**told, "Retry-After": str(max(1, math.ceil(self.retry_after)))}


@dataclass
class _Block:
    left: int
    ends_at: float
    left_in_redis: int
    full_after: float


class RateLimiter:
    """Counts the requests of callers. While Redis is away everybody passes, and the log says so.

    Args:
        redis: a client that gives up soon.
    """

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._blocks: dict[str, _Block] = {}
        # A lock is there while somebody waits for it.
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._away_until = 0.0

    async def take(self, caller: str, limit: Limit) -> Allowance | None:
        """One request of a caller. None when it can't be known."""
        if time.monotonic() < self._away_until:
            return None
        allowance = self._of_block(caller, limit)
        if allowance is not None:
            return allowance
        # One block for all who wait: each block that one of them took for itself would be lost.
        async with self._asking.setdefault(caller, asyncio.Lock()):
            return self._of_block(caller, limit) or await self._of_redis(caller, limit)

    def _of_block(self, caller: str, limit: Limit) -> Allowance | None:
        block = self._blocks.get(caller)
        if block is None or block.left == 0 or time.monotonic() >= block.ends_at:
            return None
        block.left -= 1
        return Allowance(True, limit, block.left_in_redis + block.left, 0.0, block.full_after)

    async def _of_redis(self, caller: str, limit: Limit) -> Allowance | None:
        now = time.monotonic()
        if now < self._away_until:
            return None
        try:
            size = max(1, limit.burst // BLOCK_PART)
            granted, left, retry, full = await self._ask(caller, limit, size)
            if not granted and size > 1:
                granted, left, retry, full = await self._ask(caller, limit, 1)
        except RedisError as error:
            self._away_until = now + AWAY_SECONDS
            log.error("requests are not limited: Redis is away", error=type(error).__name__)
            return None
        if granted > 1:
            self._keep(caller, _Block(granted - 1, now + BLOCK_SECONDS, left, full / 1e6))
            left += granted - 1
        return Allowance(bool(granted), limit, left, retry / 1e6, full / 1e6)

    def _keep(self, caller: str, block: _Block) -> None:
        self._blocks.pop(caller, None)
        self._blocks[caller] = block
        if len(self._blocks) > MOST_BLOCKS:
            del self._blocks[next(iter(self._blocks))]

    async def _ask(self, caller: str, limit: Limit, wanted: int) -> list[int]:
        answer: list[int] = await self._take(
            keys=[f"profiles:limit:{caller}"], args=[1e6 / limit.per_second, limit.burst, wanted]
        )
        return answer
