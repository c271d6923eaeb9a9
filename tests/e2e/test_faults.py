"""Whatever fails behind the conversation server: an answer or a clear word within 6 s, nothing lost, nothing done twice."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from bench.client import RapportClient
from ops.stack import Stack
from tests.e2e.talk import Talk

LOYAL, NEW, POWER = "C000001", "C000003", "C000004"
#: Seconds in which a customer has an answer, whatever fails.
LIMIT = 6.0


@contextmanager
def down(stack: Stack, service: str) -> Iterator[None]:
    stack.process(service).kill()
    try:
        yield
    finally:
        stack.process(service).start()


@contextmanager
def hanging(stack: Stack, service: str) -> Iterator[None]:
    """The service accepts connections and answers nothing."""
    stack.process(service).pause()
    try:
        yield
    finally:
        stack.process(service).resume()


async def timed_say(talk: Talk, text: str) -> str:
    began = monotonic()
    heard = await talk.say(text)
    assert monotonic() - began < LIMIT
    assert heard.strip()
    return heard


def log_of(stack: Stack, service: str) -> str:
    return stack.process(service).log.read_text(errors="replace")


@pytest.mark.parametrize("fault", [down, hanging])
async def test_without_the_profile_service_orders_are_still_found(
    client: RapportClient, stack: Stack, fault
) -> None:  # type: ignore[no-untyped-def]
    talk = await Talk.begin(client, NEW)
    await talk.opening()
    with fault(stack, "profiles"):
        await timed_say(talk, "hello")
        await timed_say(talk, "where is order RP-100301")
        assert [card["order_id"] for card in talk.cards] == ["RP-100301"]


@pytest.mark.parametrize("fault", [down, hanging])
async def test_without_the_actions_the_customer_is_told(client: RapportClient, stack: Stack, fault) -> None:  # type: ignore[no-untyped-def]
    talk = await Talk.begin(client, LOYAL)
    await talk.opening()
    with fault(stack, "actions"):
        await timed_say(talk, "where is order RP-100103")
    await timed_say(talk, "where is order RP-100103")
    assert [card["order_id"] for card in talk.cards] == ["RP-100103"], talk.heard


@pytest.mark.parametrize("fault", [down, hanging])
async def test_without_the_order_system_the_answer_is_honest(
    client: RapportClient, stack: Stack, fault
) -> None:  # type: ignore[no-untyped-def]
    talk = await Talk.begin(client, LOYAL)
    await talk.opening()
    with fault(stack, "shop"):
        await timed_say(talk, "where is order RP-100103")
        assert not talk.cards
    await timed_say(talk, "where is order RP-100103")
    assert [card["order_id"] for card in talk.cards] == ["RP-100103"], talk.heard
    assert "shop" in log_of(stack, "actions")


async def test_a_cancellation_into_a_hanging_shop_is_done_once_or_not_at_all(
    client: RapportClient, stack: Stack
) -> None:
    talk = await Talk.begin(client, LOYAL)
    await talk.say("cancel order RP-100102")
    with hanging(stack, "shop"):
        await timed_say(talk, "yes")
        assert "is cancelled" not in talk.heard
    await timed_say(talk, "yes")
    again = await Talk.begin(client, LOYAL)
    await timed_say(again, "where is order RP-100102")
    assert again.cards[0]["status"] in {"cancelled", "packed"}
    why = await talk.why()
    assert why["status"] == "answered"


@pytest.mark.parametrize("fault", [down, hanging])
async def test_without_the_bot_the_message_is_kept_and_answered_with_what_to_do(
    client: RapportClient, stack: Stack, fault
) -> None:  # type: ignore[no-untyped-def]
    talk = await Talk.begin(client, LOYAL)
    await talk.opening()
    with fault(stack, "bot"):
        await timed_say(talk, "where is order RP-100103")
    said = [
        event["text"] for event in await client.events(talk.conversation) if event.get("role") == "customer"
    ]
    assert said == ["where is order RP-100103"]
    await timed_say(talk, "where is order RP-100103")
    assert [card["order_id"] for card in talk.cards] == ["RP-100103"], talk.heard


@pytest.mark.parametrize("server", ["redis", "postgres"])
async def test_a_server_restarted_in_mid_conversation_loses_nothing(
    client: RapportClient, stack: Stack, server: str
) -> None:
    talk = await Talk.begin(client, LOYAL)
    await talk.say("cancel order RP-100101")
    before = await client.events(talk.conversation)
    await asyncio.to_thread(stack.restart, server)
    await timed_say(talk, "no, leave it")
    after = await client.events(talk.conversation)
    assert after[: len(before)] == before
    assert [event["seq"] for event in after] == sorted({event["seq"] for event in after})
    await timed_say(talk, "where is order RP-100101")
    assert talk.cards[0]["status"] == "processing"


async def test_a_message_sent_while_redis_is_away_is_answered(client: RapportClient, stack: Stack) -> None:
    talk = await Talk.begin(client, LOYAL)
    await talk.opening()
    assert stack.redis is not None
    stack.redis.stop()
    try:
        await timed_say(talk, "where is order RP-100103")
    finally:
        stack.redis.start()
    await timed_say(talk, "where is order RP-100103")
    assert [card["order_id"] for card in talk.cards] == ["RP-100103"], talk.heard


async def test_two_messages_at_once_are_answered_one_after_the_other(client: RapportClient) -> None:
    talk = await Talk.begin(client, POWER)
    await talk.opening()
    texts = ["where is order RP-100402", "thank you", "goodbye"]
    await asyncio.gather(*(client.say(talk.conversation, text) for text in texts))
    turns = [event for event in await client.events(talk.conversation) if event["type"] == "message"][1:]
    said = [event["text"] for event in turns if event["role"] == "customer"]
    assert sorted(said) == sorted(texts)
    assert [event["seq"] for event in turns] == sorted(event["seq"] for event in turns)
    assert sum(event["role"] == "bot" for event in turns) >= len(texts)
