"""Events that could not be applied, with the reason, until somebody has mended the cause and replays them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from redis.asyncio import Redis

from profiles.crypto import Vault
from profiles.events.envelope import Event, dump, parse
from profiles.events.sealed_entries import open_entry, seal_entry
from profiles.events.stream import EventStream

DEAD = "rapport:events:dead"
_PAGE = 200


@dataclass(frozen=True)
class DeadLetter:
    """What could not be applied: the JSON of a stream entry, as it was read or of one event."""

    body: bytes
    reason: str
    at: datetime


@dataclass(frozen=True)
class Replayed:
    """How many events were put back, and how many letters hold nothing that could be."""

    events: int
    unreadable: int


def dead_event(event: Event, reason: str) -> DeadLetter:
    """A letter about one event."""
    return DeadLetter(dump([event]), reason, datetime.now(UTC))


class DeadLetters:
    """The stream of dead letters, whose bodies are sealed. Every method may raise `redis.RedisError`."""

    def __init__(self, redis: Redis, vault: Vault) -> None:
        self._redis = redis
        self._vault = vault

    async def put(self, letters: Sequence[DeadLetter]) -> None:
        """Keep letters; the same event may come twice when a worker is killed in between, which does no harm."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            for letter in letters:
                body = seal_entry(self._vault, letter.body)
                fields: Any = {"body": body, "reason": letter.reason, "at": letter.at.isoformat()}
                pipeline.xadd(DEAD, fields)
            await pipeline.execute()

    async def count(self) -> int:
        """How many letters there are."""
        return int(await self._redis.xlen(DEAD))

    async def read(self) -> AsyncIterator[tuple[str, DeadLetter]]:
        """All letters with their ids, the oldest first."""
        after = "-"
        while page := await self._page(after):
            for id_, fields in page:
                yield (
                    id_.decode(),
                    DeadLetter(
                        open_entry(self._vault, fields[b"body"]),
                        fields[b"reason"].decode(),
                        datetime.fromisoformat(fields[b"at"].decode()),
                    ),
                )
            after = f"({page[-1][0].decode()}"

    async def replay(self, stream: EventStream) -> Replayed:
        """Put the events of all letters back into the stream; those that fail again become letters again.

        Raises:
            StreamUnavailable: the letters from there on are kept.
        """
        events = unreadable = 0
        async for id_, letter in self.read():
            try:
                found = parse(letter.body)
            except ValidationError:
                unreadable += 1
                continue
            await stream.publish(found)
            await self._redis.xdel(DEAD, id_)
            events += len(found)
        return Replayed(events, unreadable)

    async def _page(self, after: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
        page: Any = await self._redis.xrange(DEAD, min=after, count=_PAGE)
        return list(page)
