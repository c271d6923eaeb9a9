"""Conversations in Redis: appended, short when read, and never overwritten."""

import asyncio
import itertools
import json
import logging
import statistics
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from redis.exceptions import ConnectionError as RedisConnectionError

from bot import turn as turns
from bot.history import GATHER_TURNS, same_state
from bot.tracker_store import EXPIRY, RedisTrackerStore
from ops.ports import free_port
from tests.bot.conftest import FIXTURES, Bot

DOMAIN = Domain.load(str(FIXTURES / "domain.yml"))


@pytest_asyncio.fixture
async def store(redis_url: str) -> AsyncIterator[RedisTrackerStore]:
    made = RedisTrackerStore(DOMAIN, host=redis_url)
    yield made
    await made.close()


def _talk(tracker: DialogueStateTracker, number: int) -> None:
    """One turn: a message that sets a slot, an answer, a listen."""
    for event in (
        UserUttered(f"order {number}", {"name": "inform", "confidence": 1.0}, []),
        SlotSet("order_id", f"RP-{number}"),
        ActionExecuted("utter_greet"),
        BotUttered(f"answer {number}"),
        ActionExecuted("action_listen"),
    ):
        tracker.update(event)


async def _read(store: RedisTrackerStore, conversation: str = "c") -> DialogueStateTracker:
    return await store.retrieve(conversation) or store.init_tracker(conversation)


async def test_an_unknown_conversation_is_nothing(store: RedisTrackerStore) -> None:
    assert await store.retrieve("nobody") is None
    assert await store.retrieve_full_tracker("nobody") is None
    assert not await store.exists("nobody")


async def test_only_new_events_are_written(store: RedisTrackerStore) -> None:
    for number in range(3):
        tracker = await _read(store)
        _talk(tracker, number)
        await store.save(tracker)
        await store.save(tracker)  # nothing new
        assert await store.redis.llen("tracker:{c}:events") == 5 * (number + 1)
    assert list(await store.keys()) == ["c"]


async def test_a_long_conversation_is_short_in_memory_whole_in_redis_and_the_same(
    store: RedisTrackerStore,
) -> None:
    whole = store.init_tracker("c")
    for number in range(60):
        tracker = await _read(store)
        _talk(tracker, number)
        await store.save(tracker)
        _talk(whole, number)
        assert len(tracker.events) <= 5 * (GATHER_TURNS + 1) + 4
        assert same_state(tracker, whole)
    full = await store.retrieve_full_tracker("c")
    assert full is not None
    assert [event.as_dict()["event"] for event in full.events] == [
        event.as_dict()["event"] for event in whole.events
    ]
    assert [event.text for event in full.events if isinstance(event, UserUttered)] == [
        f"order {number}" for number in range(60)
    ]


async def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(
    store: RedisTrackerStore, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = await _read(store)
    _talk(tracker, 0)
    await store.save(tracker)
    mine, other = await _read(store), await _read(store)
    _talk(other, 1)
    await store.save(other)
    _talk(mine, 2)
    with turns.under_way(turns.Turn("t", "c")) as turn:
        await store.save(mine)

    assert not turn.committed
    assert "ConversationChanged" in caplog.text
    assert (await _read(store)).get_slot("order_id") == "RP-1"


async def test_a_write_whose_answer_was_lost_is_not_done_twice(store: RedisTrackerStore) -> None:
    tracker = await _read(store)
    _talk(tracker, 0)
    again = tracker.copy()
    await store.save(tracker)
    with turns.under_way(turns.Turn("t", "c")) as turn:
        await store.save(again)  # the same events, as on a second try
    assert turn.committed
    assert await store.redis.llen("tracker:{c}:events") == 5


async def test_after_a_failed_read_rasas_wrapper_can_not_save_an_empty_conversation(
    store: RedisTrackerStore, caplog: pytest.LogCaptureFixture
) -> None:
    tracker = await _read(store)
    _talk(tracker, 0)
    await store.save(tracker)
    await store.redis.hset("tracker:{c}:opening", mapping={"events": "damaged", "position": 0})
    wrapped = FailSafeTrackerStore(store)
    with turns.under_way(turns.Turn("t", "c")) as turn, caplog.at_level(logging.ERROR):
        empty = await wrapped.get_or_create_tracker("c")
        _talk(empty, 1)
        await wrapped.save(empty)

    assert (turn.history_lost, turn.committed) == (True, False)
    assert await store.redis.llen("tracker:{c}:events") == 5
    assert wrapped._fallback_tracker_store is None


async def test_without_redis_reading_fails_and_saving_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    store = RedisTrackerStore(DOMAIN, host=f"redis://127.0.0.1:{free_port()}/0")
    began = time.monotonic()
    with pytest.raises(RedisConnectionError), turns.under_way(turns.Turn("t", "c")) as turn:
        await store.retrieve("c")
    assert turn.history_lost
    tracker = store.init_tracker("c")
    _talk(tracker, 0)
    with turns.under_way(turns.Turn("t", "c")) as turn:
        await store.save(tracker)
    assert not turn.committed
    assert "not saved" in caplog.text
    assert time.monotonic() - began < 4


async def test_the_event_loop_is_not_held_up_while_redis_is_away() -> None:
    store = RedisTrackerStore(DOMAIN, host=f"redis://127.0.0.1:{free_port()}/0")
    reading = asyncio.create_task(store.retrieve("c"))
    longest = 0.0
    while not reading.done():
        before = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - before)
    assert isinstance(reading.exception(), RedisConnectionError)
    assert longest < 0.5


async def test_a_conversation_expires(store: RedisTrackerStore) -> None:
    for number in range(GATHER_TURNS + 2):
        tracker = await _read(store)
        _talk(tracker, number)
        await store.save(tracker)
    for key in ("tracker:{c}:events", "tracker:{c}:opening"):
        assert EXPIRY - 10 < await store.redis.ttl(key) <= EXPIRY


async def test_a_bot_message_is_stored_without_its_decision(store: RedisTrackerStore) -> None:
    tracker = await _read(store)
    custom = {"reply": "utter_greet", "decision": {"path": ["a"]}}
    tracker.update(BotUttered("hello", {"custom": custom}))
    await store.save(tracker)

    stored = json.loads(await store.redis.lindex("tracker:{c}:events", 0))
    assert stored["data"]["custom"] == {"reply": "utter_greet"}
    assert "decision" in custom


async def test_turn_200_costs_what_turn_5_costs(bot: Bot, agent: Any) -> None:
    texts = itertools.cycle(["hello", "cancel RP-100234", "it was late", "thank you"])
    spent = []
    for text in itertools.islice(texts, 200):
        # The time of the processor, not of the clock: other processes share the machine.
        began = time.process_time()
        answer = await bot.turn(text)
        spent.append(time.process_time() - began)
        assert answer["committed"]
    early, late = statistics.median(spent[4:24]), statistics.median(spent[-20:])
    assert late < early * 1.5, f"{early * 1000:.1f} ms of computing early, {late * 1000:.1f} ms late"
    tracker = await agent.store.retrieve(bot.conversation_id)
    assert len(tracker.events) < 100
    full = await agent.store.retrieve_full_tracker(bot.conversation_id)
    assert same_state(tracker, full)


async def test_conversations_do_not_touch_each_other(store: RedisTrackerStore) -> None:
    names = [str(uuid.uuid4()) for _ in range(3)]
    for number, name in enumerate(names):
        tracker = await _read(store, name)
        _talk(tracker, number)
        await store.save(tracker)
    for number, name in enumerate(names):
        assert (await _read(store, name)).get_slot("order_id") == f"RP-{number}"
    assert sorted(await store.keys()) == sorted(names)
