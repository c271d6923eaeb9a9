"""Published sets in Redis: written whole, switched at once, read by every process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import redis.asyncio as redis_client
from pydantic import ValidationError
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError, WatchError

from actions.variants.compiled import CompiledSet, compile_set
from actions.variants.schema import VariantSet
from common.logs import get_logger

log = get_logger(__name__)

T = TypeVar("T")

VERSION = "variants:version"
_BEFORE = "variants:before"  # the versions that were live before, the latest first: the ways back
_WAYS_BACK = 20
_KEPT = 30 * 24 * 3600  # seconds that a replaced set stays readable, for records that name its version


def _key(version: str) -> str:
    return f"variants:set:{version}"


@dataclass(frozen=True)
class Live:
    """What Redis holds for every process; without a version nothing was published yet.

    Attributes:
        variants: None also when the set is gone or of a shape that is not read any more.
    """

    version: str | None
    variants: VariantSet | None


class NothingToGoBackTo(Exception):
    """No set was published before the one that is live, or it is not kept any more."""


class NotAsShown(Exception):
    """What would go live is not what was looked at: somebody else was faster."""


def live(redis: "Redis") -> Live:
    """The set that is live.

    Raises:
        RedisError: Redis can't be asked.
    """
    return _kept(redis, redis.get(VERSION))


def publish(redis: "Redis", variants: VariantSet) -> Live:
    """Write the set and make it the current one, in one transaction.

    Returns:
        What was live before.

    Raises:
        RedisError: nothing was changed.
    """

    def switch(batch: "Pipeline") -> Live:
        before = live(batch)
        batch.multi()
        batch.set(_key(variants.version), variants.as_json())
        batch.set(VERSION, variants.version)
        if before.version is not None and before.version != variants.version:
            batch.expire(_key(before.version), _KEPT)
            batch.lpush(_BEFORE, before.version)
            batch.ltrim(_BEFORE, 0, _WAYS_BACK - 1)
        return before

    return _transaction(redis, switch)


def earlier(redis: "Redis") -> VariantSet:
    """The set that a roll-back would bring back.

    Raises:
        NothingToGoBackTo: there is none.
        RedisError: Redis can't be asked.
    """
    found = _kept(redis, redis.lindex(_BEFORE, 0)).variants
    if found is None:
        raise NothingToGoBackTo
    return found


def roll_back(redis: "Redis", only: str | None = None) -> tuple[Live, VariantSet]:
    """Make the set live that was before the present one, in one transaction.

    Args:
        only: the version that has to be the one that comes back.

    Returns:
        What was live, and what is now.

    Raises:
        NothingToGoBackTo: there is no set before, or it is not kept any more.
        NotAsShown: another one than `only` would come back.
        RedisError: nothing was changed.
    """

    def switch(batch: "Pipeline") -> tuple[Live, VariantSet]:
        was, back = live(batch), earlier(batch)
        if only is not None and back.version != only:
            raise NotAsShown(f"version {back.version} would come back now, not {only}")
        batch.multi()
        batch.set(VERSION, back.version)
        batch.persist(_key(back.version))
        batch.lpop(_BEFORE)
        if was.version is not None and was.version != back.version:
            batch.expire(_key(was.version), _KEPT)
        return was, back

    return _transaction(redis, switch)


def _kept(redis: "Redis", version: object) -> Live:
    """Raises:
    RedisError: Redis can't be asked.
    """
    if not isinstance(version, str):
        return Live(None, None)
    content = redis.get(_key(version))
    try:
        return Live(version, VariantSet.model_validate_json(content) if isinstance(content, str) else None)
    except ValidationError:
        return Live(version, None)


def _transaction(redis: "Redis", switch: "Callable[[Pipeline], T]") -> T:
    """Do what `switch` queues, unless somebody else changed what is live meanwhile: then look again."""
    with redis.pipeline() as batch:
        while True:
            try:
                batch.watch(VERSION, _BEFORE)  # type: ignore[no-untyped-call]  # redis has no types for it
                result = switch(batch)
                batch.execute()
                return result
            except WatchError:
                continue


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
