"""Published sets in Redis: written whole, switched at once, read by every process."""

import redis.asyncio as redis_client
from pydantic import ValidationError
from redis import Redis
from redis.exceptions import RedisError

from actions.variants.compiled import CompiledSet, compile_set
from actions.variants.schema import VariantSet
from common.logs import get_logger

log = get_logger(__name__)

VERSION = "variants:version"
_KEPT = 30 * 24 * 3600  # seconds that a replaced set stays readable, for records that name its version


def _key(version: str) -> str:
    return f"variants:set:{version}"


def publish(redis: "Redis", variants: VariantSet) -> str | None:
    """Write the set and make it the current one, in one transaction.

    Returns:
        The version that was current before.

    Raises:
        RedisError: nothing was changed.
    """
    before = redis.get(VERSION)
    previous = before if isinstance(before, str) else None
    with redis.pipeline(transaction=True) as batch:
        batch.set(_key(variants.version), variants.as_json())
        batch.set(VERSION, variants.version)
        if previous is not None and previous != variants.version:
            batch.expire(_key(previous), _KEPT)
        batch.execute()
    return previous


class PublishedVariants:
    """The current set of this process; follows Redis, and keeps the last good one while Redis is away."""

    def __init__(self, redis: "redis_client.Redis", from_files: VariantSet) -> None:
        self._redis = redis
        #: What the checkout itself says, for replies that an older published set does not have.
        self.from_files = compile_set(from_files)
        self._compiled = self.from_files
        self._refused: str | None = None  # a version that could not be loaded: said once

    @property
    def version(self) -> str:
        return self._compiled.version

    async def current(self) -> CompiledSet:
        """The published set. Costs one GET; more only when the version has changed. Never raises."""
        try:
            version = await self._redis.get(VERSION)
            if isinstance(version, str) and version not in (self._compiled.version, self._refused):
                await self._load(version)
        except RedisError as error:
            log.warning("variants: Redis away, the last set is used", error=error)
        return self._compiled

    async def _load(self, version: str) -> None:
        content = await self._redis.get(_key(version))
        try:
            if content is None:
                raise ValueError("its content is missing")
            self._compiled = compile_set(VariantSet.model_validate_json(content))
        except (ValidationError, ValueError) as error:
            self._refused = version
            log.error("variants: published set unusable", version=version, error=error)
            return
        log.info("variants: new set", version=version, replies=len(self._compiled.replies))
