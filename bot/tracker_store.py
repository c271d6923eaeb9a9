"""Conversations in Redis: events are appended, and the past is read in its short form.

Keys of one conversation (the braces keep them in one slot of a Redis Cluster):

- `tracker:{ID}:events`: a list, one JSON object an event, all of them;
- `tracker:{ID}:opening`: a hash: `events`, the opening (see `bot.history`), and `position`, the place in
  the list from which events follow it;
- `turn:{ID}:TURN`: the answer of a turn, kept so that a repeated turn does nothing twice.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import rasa.shared.utils.common
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot import turn as turns
from bot.history import shorten
from bot.redis_retry import SOCKET_SECONDS, persistently

logger = logging.getLogger(__name__)

#: Seconds without a turn after which a conversation is forgotten here (web keeps the transcript).
EXPIRY = 24 * 3600
#: Seconds for which the answer of a turn is kept.
ANSWER_EXPIRY = 600

_LOAD = """
local position = redis.call('HGET', KEYS[2], 'position') or '0'
return {redis.call('HGET', KEYS[2], 'events') or '', tonumber(position),
        redis.call('LRANGE', KEYS[1], position, -1)}
"""

# Appends only to the list that the events were made for. A list that already ends with them comes from a
# first try whose answer was lost.
_APPEND = """
local length, expected, new = redis.call('LLEN', KEYS[1]), tonumber(ARGV[1]), #ARGV - 6
if length == expected then
  for place = 7, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[place]) end
elseif length ~= expected + new or redis.call('LINDEX', KEYS[1], -1) ~= ARGV[#ARGV] then
  return 0
end
if ARGV[3] ~= '' then redis.call('HSET', KEYS[2], 'events', ARGV[3], 'position', ARGV[4]) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
if ARGV[5] ~= '' then redis.call('SET', KEYS[3], ARGV[5], 'EX', ARGV[6]) end
return 1
"""


@dataclass(frozen=True)
class Stored:
    """How the events of a tracker in memory lie in the store.

    Attributes:
        opening: number of events at the beginning that stand for the past.
        position: place in the list of the event after the opening.
        length: length of the list.
    """

    opening: int = 0
    position: int = 0
    length: int = 0

    @property
    def events(self) -> int:
        """How many of the tracker's events are stored, the opening included."""
        return self.opening + self.length - self.position


class ConversationChanged(Exception):
    """The stored conversation is not the one that the tracker was read from."""


class RedisTrackerStore(TrackerStore):
    """Rasa's trackers in Redis.

    Rasa wraps every store in one that swallows errors: a failed read would begin an empty conversation and
    save it over the real one. So both are reported to the turn under way, and after a failed read nothing is
    saved.

    Args:
        domain: of the model; Rasa sets it again when one is loaded.
        event_broker: not used: web alone emits events of conversations.
        host: the URL of Redis.
    """

    def __init__(
        self, domain: Domain | None, event_broker: EventBroker | None = None, host: str = "", **_: Any
    ) -> None:
        super().__init__(domain, event_broker)
        self.redis: Redis = Redis.from_url(
            host, socket_timeout=SOCKET_SECONDS, socket_connect_timeout=SOCKET_SECONDS
        )
        self._load = self.redis.register_script(_LOAD)
        self._append = self.redis.register_script(_APPEND)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker with its short history, or nothing when the conversation is new.

        Raises:
            Exception: Redis can't be read, or what it holds is no conversation; the turn under way is told.
        """
        try:
            with turns.measured("load"):
                return await self._read(sender_id)
        except Exception:
            turn = turns.current()
            if turn is not None:
                turn.history_lost = True
            raise

    async def _read(self, sender_id: str) -> DialogueStateTracker | None:
        keys = [_events_key(sender_id), _opening_key(sender_id)]
        opening, position, events = await persistently(lambda: self._load(keys=keys))
        if not events:
            return None
        past = [_event(data) for data in json.loads(opening)] if opening else []
        kept = [_event(json.loads(data)) for data in events]
        tracker = self._tracker(sender_id, [*past, *kept])
        tracker.stored = Stored(len(past), int(position), int(position) + len(kept))
        return tracker

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        """The tracker with every event.

        Raises:
            RedisError, OSError: Redis can't be read.
        """
        events = await persistently(lambda: self.redis.lrange(_events_key(conversation_id), 0, -1))
        if not events:
            return None
        tracker = self._tracker(conversation_id, [_event(json.loads(data)) for data in events])
        tracker.stored = Stored(0, 0, len(events))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new, and keep the answer of the turn under way in the same transaction.

        Of a turn in which an action could not be run only the answer (the apology) is kept: half a turn would
        leave a form begun but not active, and the customer who repeats the message without a reply.

        Never raises: Rasa's wrapper would put the conversation into the memory of this process, where
        nobody looks for it. The turn is told that it is committed; nothing said means that it is not.
        """
        turn = turns.current()
        if turn is not None and turn.history_lost:
            logger.error("conversation %s not saved: its history could not be read", tracker.sender_id)
            return
        with turns.measured("save"):
            try:
                await self._save(tracker, turn)
            except (RedisError, OSError, TimeoutError, ConversationChanged) as error:
                logger.error(
                    "conversation %s not saved: %s: %s", tracker.sender_id, type(error).__name__, error
                )

    async def _save(self, tracker: DialogueStateTracker, turn: turns.Turn | None) -> None:
        if turn is not None and turn.failures:
            await self._keep_answer(turn)
            return
        stored: Stored = getattr(tracker, "stored", Stored())
        new = [_json(event) for event in list(tracker.events)[stored.events :]]
        if not new:
            return
        short = shorten(tracker, stored.opening)
        opening, position = "", stored.position
        if short is not None:
            opening = f"[{','.join(_json(event) for event in short.opening)}]"
            position += short.first_kept - stored.opening
        answer = "" if turn is None else json.dumps(turn.answer(committed=True))
        keys = [
            _events_key(tracker.sender_id),
            _opening_key(tracker.sender_id),
            _answer_key(tracker.sender_id, turn.turn_id if turn else ""),
        ]
        arguments = [stored.length, EXPIRY, opening, position, answer, ANSWER_EXPIRY, *new]
        if not await persistently(lambda: self._append(keys=keys, args=arguments)):
            raise ConversationChanged("somebody else has written to it since it was read")
        tracker.stored = Stored(stored.opening, stored.position, stored.length + len(new))
        if turn is not None:
            turn.committed = True

    async def _keep_answer(self, turn: turns.Turn) -> None:
        key, answer = _answer_key(turn.conversation_id, turn.turn_id), json.dumps(turn.answer(committed=True))
        await persistently(lambda: self.redis.set(key, answer, ex=ANSWER_EXPIRY))
        turn.committed = True

    async def kept_answer(self, conversation_id: str, turn_id: str) -> dict[str, Any] | None:
        """The answer of a committed turn of the last ten minutes.

        Raises:
            RedisError, OSError: Redis can't be read.
        """
        kept = await persistently(lambda: self.redis.get(_answer_key(conversation_id, turn_id)))
        return json.loads(kept) if kept else None

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return [
            key.decode().partition("{")[2].partition("}")[0]
            async for key in self.redis.scan_iter(match=_events_key("*"))
        ]

    async def close(self) -> None:
        """Close the connections."""
        await self.redis.close(close_connection_pool=True)

    def _tracker(self, sender_id: str, events: list[Event]) -> DialogueStateTracker:
        tracker = self.init_tracker(sender_id)
        tracker.recreate_from_dialogue(Dialogue(sender_id, events))
        return tracker


def _events_key(conversation_id: str) -> str:
    return f"tracker:{{{conversation_id}}}:events"


def _opening_key(conversation_id: str) -> str:
    return f"tracker:{{{conversation_id}}}:opening"


def _answer_key(conversation_id: str, turn_id: str) -> str:
    return f"turn:{{{conversation_id}}}:{turn_id}"


@cache
def _event_types() -> dict[str, type[Event]]:
    """Rasa's event classes by name; Rasa itself walks the class tree anew for each event."""
    return {kind.type_name: kind for kind in reversed(rasa.shared.utils.common.all_subclasses(Event))}


def _event(data: dict[str, Any]) -> Event:
    """The event of its dictionary.

    Raises:
        KeyError: no class of Rasa has this name.
    """
    event = _event_types()[data["event"]]._from_parameters(data)
    if event is None:
        raise KeyError(data["event"])
    return event


def _json(event: Event) -> str:
    """The event as it is stored. The decision record goes to web with the reply and is not kept here."""
    data = event.as_dict()
    custom = (data.get("data") or {}).get("custom")
    if data["event"] == "bot" and isinstance(custom, dict) and "decision" in custom:
        custom = {name: value for name, value in custom.items() if name != "decision"}
        data["data"] = {**data["data"], "custom": custom}
    return json.dumps(data)
