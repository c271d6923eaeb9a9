"""Notes what clients have read from the cache: they leave word in a Redis stream, in the same step as the reading."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from redis import RedisError, ResponseError
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from common.logs import get_logger
from profiles.audit.chain import Entry, note
from profiles.crypto import Vault
from profiles.protocol import PURPOSES, READS_STREAM
from profiles.tables import ApiKey

log = get_logger(__name__)

GROUP = "audit"
POLL_SECONDS = 0.5
RETRY_SECONDS = 5.0
BATCH = 1_000
#: What another process took and has not written after this is taken over. Milliseconds.
TAKE_OVER = 30_000

Message = tuple[bytes, Mapping[bytes, bytes] | None]


class CachedReads:
    """Moves notes from the stream to the audit log, each at least once.

    Args:
        redis: where the stream is; not the one that gives up at once.
        engine: the database.
        vault: makes pseudonyms.
        name: of this process, other than that of the others.
    """

    def __init__(self, redis: Redis, engine: AsyncEngine, vault: Vault, name: str) -> None:
        self._redis = redis
        self._engine = engine
        self._vault = vault
        self._name = name

    async def run(self) -> None:
        """Write what is in the stream, until cancelled. What can't be written stays there, and the log says so."""
        while True:
            try:
                while await self.write():
                    pass
                await asyncio.sleep(POLL_SECONDS)
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.error("reads from the cache not noted yet", error=type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def write(self) -> int:
        """Write up to a batch; gives how many.

        Raises:
            RedisError, SQLAlchemyError
        """
        messages = await self._take()
        if not messages:
            return 0
        names = await self._names()
        entries = [self._entry(number, said, names) for number, said in messages if said]
        async with self._engine.begin() as connection:
            await note(connection, entries)
        ids = [number for number, _ in messages]
        async with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.xack(READS_STREAM, GROUP, *ids)
            pipeline.xdel(READS_STREAM, *ids)
            await pipeline.execute()
        return len(messages)

    async def _take(self) -> list[Message]:
        try:
            left: Any = await self._redis.xautoclaim(READS_STREAM, GROUP, self._name, TAKE_OVER, count=BATCH)
            if left[1]:
                return list(left[1])
            answer: Any = await self._redis.xreadgroup(GROUP, self._name, {READS_STREAM: ">"}, count=BATCH)
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            await self._redis.xgroup_create(READS_STREAM, GROUP, "0", mkstream=True)
            return await self._take()
        streams = answer.values() if isinstance(answer, dict) else [messages for _, messages in answer]
        return [message for messages in streams for message in messages]

    async def _names(self) -> dict[str, str]:
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(ApiKey.key_hash, ApiKey.name))).all()
        return {bytes(row.key_hash).hex(): row.name for row in rows}

    def _entry(self, number: bytes, said: Mapping[bytes, bytes], names: Mapping[str, str]) -> Entry:
        key, customer, purpose, source = (
            said.get(field, b"").decode(errors="replace")
            for field in (b"key", b"customer", b"purpose", b"from")
        )
        return Entry(
            who=names.get(key, "unknown key"),
            what="view (stale)" if source == "stale" else "view (cache)",
            customer=self._vault.pseudonym(customer),
            why=f"purpose {purpose if purpose in PURPOSES else 'unknown'}",
            at=datetime.fromtimestamp(int(number.partition(b"-")[0]) / 1000, UTC),
        )
