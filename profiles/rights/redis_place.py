"""Redis: keys that hold an id of the person, and streams with events of many people."""

from collections.abc import AsyncIterator
from typing import Any

from pydantic import ValidationError
from redis.asyncio import Redis

from profiles.audit.cached_reads import CachedReads
from profiles.events.envelope import Event, dump, parse
from profiles.events.sealed_entries import open_entry, seal_entry
from profiles.rights.people import CUSTOMERS, DEVICES
from profiles.rights.places import Shown, Surroundings, shown
from profiles.rights.stores import Identifiers, RedisStore, key_patterns

_PAGE = 500

#: Writes a stream anew, some entries with another body and some (with an empty one) not at all: what is deleted from
#: a stream stays in its memory and in its files until all its neighbours are gone too. A group whose readers are at
#: something gets the whole stream again: events are applied once, by their ids.
_REWRITE = """
local function named(reply)
  local found = {}
  for i = 1, #reply, 2 do found[reply[i]] = reply[i + 1] end
  return found
end
local field, bodies, groups = ARGV[1], {}, {}
for i = 2, #ARGV, 2 do bodies[ARGV[i]] = ARGV[i + 1] end
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local entries = redis.call('XRANGE', KEYS[1], '-', '+')
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = named(reply)
  local from = tonumber(group['pending']) > 0 and '0-0' or group['last-delivered-id']
  groups[#groups + 1] = {group['name'], from}
end
redis.call('DEL', KEYS[1])
for _, entry in ipairs(entries) do
  local id, fields = entry[1], entry[2]
  local body = bodies[id]
  if body then
    for i = 1, #fields, 2 do
      if fields[i] == field then fields[i + 1] = body end
    end
  end
  if body ~= '' then redis.call('XADD', KEYS[1], id, unpack(fields)) end
end
for _, group in ipairs(groups) do
  redis.call('XGROUP', 'CREATE', KEYS[1], group[1], group[2], 'MKSTREAM')
end
return #entries
"""


class KeysPlace:
    """Keys, see `places.Place`."""

    empties = True

    def __init__(self, store: RedisStore, around: Surroundings) -> None:
        self._redis = around.redis
        self._patterns = key_patterns(store.keys)
        self.title = store.title

    async def count(self, identifiers: Identifiers) -> int:
        return len([key async for key in self._keys(identifiers)])

    async def show(self, identifiers: Identifiers) -> list[Shown]:
        return [
            {"key": _text(key), "content": await self._content(key)} async for key in self._keys(identifiers)
        ]

    async def erase(self, identifiers: Identifiers, pseudonym: str) -> int:
        keys = [key async for key in self._keys(identifiers)]
        if keys:
            await self._redis.unlink(*keys)
        return len(keys)

    async def _keys(self, identifiers: Identifiers) -> AsyncIterator[bytes]:
        """One walk over all keys, whatever the number of ids."""
        async for key in self._redis.scan_iter(count=_PAGE):
            name = _text(key)
            for kind, expression in self._patterns:
                match = expression.fullmatch(name)
                if match and match[1] in identifiers.get(kind, ()):
                    yield key
                    break

    async def _content(self, key: bytes) -> Any:
        redis: Any = self._redis
        match _text(await redis.type(key)):
            case "string":
                return _text(await redis.get(key))
            case "list":
                return [_text(one) for one in await redis.lrange(key, 0, -1)]
            case "hash":
                return {_text(name): _text(value) for name, value in (await redis.hgetall(key)).items()}
        return None


class StreamPlace:
    """A stream of events. An entry with events of others too is written anew without the person's."""

    empties = True

    def __init__(self, store: RedisStore, around: Surroundings) -> None:
        self._redis: Redis = around.redis
        self._stream = store.stream or ""
        self._field = store.field.encode()
        self._vault = around.vault
        self._rewrite = around.redis.register_script(_REWRITE)
        self.title = store.title

    async def count(self, identifiers: Identifiers) -> int:
        return sum([len(theirs) async for _, theirs, _ in self._entries(identifiers)])

    async def show(self, identifiers: Identifiers) -> list[Shown]:
        found = [event async for _, theirs, _ in self._entries(identifiers) for event in theirs]
        return shown(found, identifiers)

    async def erase(self, identifiers: Identifiers, pseudonym: str) -> int:
        removed, changes = 0, [self._field]
        async for id_, theirs, others in self._entries(identifiers):
            removed += len(theirs)
            changes += [id_, seal_entry(self._vault, dump(others)) if others else b""]
        # Without a change too: entries that others have deleted leave their bytes behind.
        await self._rewrite(keys=[self._stream], args=changes)
        return removed

    async def _entries(
        self, identifiers: Identifiers
    ) -> AsyncIterator[tuple[bytes, list[Event], list[Event]]]:
        """Entries with events of the person: id, theirs, those of others."""
        newest: Any = await self._redis.xrevrange(self._stream, count=1)
        last = newest[0][0] if newest else b"+"
        after: Any = "-"
        while True:
            page: Any = await self._redis.xrange(self._stream, min=after, max=last, count=_PAGE)
            if not page:
                return
            for id_, fields in page:
                try:
                    events = parse(open_entry(self._vault, fields.get(self._field, b"")))
                except ValidationError:
                    continue
                theirs = [event for event in events if _is_theirs(event, identifiers)]
                if theirs:
                    yield id_, theirs, [event for event in events if event not in theirs]
            after = b"(" + page[-1][0]


class ReadsPlace:
    """The stream of reads that are not in the audit log yet. They are noted there first, under the pseudonym."""

    empties = True

    def __init__(self, store: RedisStore, around: Surroundings) -> None:
        self._redis: Redis = around.redis
        self._stream = store.stream or ""
        self._reads = CachedReads(around.redis, around.engine, around.vault, "erasure")
        self._rewrite = around.redis.register_script(_REWRITE)
        self.title = store.title

    async def count(self, identifiers: Identifiers) -> int:
        return len(await self.show(identifiers))

    async def show(self, identifiers: Identifiers) -> list[Shown]:
        entries: Any = await self._redis.xrange(self._stream)
        customers = identifiers.get(CUSTOMERS, set())
        return [
            {"customer_id": _text(said[b"customer"]), "purpose": _text(said[b"purpose"])}
            for _, said in entries
            if _text(said.get(b"customer", b"")) in customers
        ]

    async def erase(self, identifiers: Identifiers, pseudonym: str) -> int:
        count = await self.count(identifiers)
        while await self._reads.write():
            pass
        await self._rewrite(keys=[self._stream], args=[""])
        return count


def _is_theirs(event: Event, identifiers: Identifiers) -> bool:
    customers, devices = identifiers.get(CUSTOMERS, set()), identifiers.get(DEVICES, set())
    if event.user_id in customers or event.previous_id in customers | devices:
        return True
    return event.user_id is None and event.anonymous_id in devices


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
