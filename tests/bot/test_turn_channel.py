"""The contract of a turn, over HTTP."""

import asyncio
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.redis_server import RedisServer
from tests.bot.conftest import ActionsService, Bot, serving


async def test_a_turn_is_answered_with_replies_parse_and_times(bot: Bot) -> None:
    body = bot.body("hello there")
    status, answer = await bot.post(body)

    assert status == 200
    assert answer["turn_id"] == body["turn_id"]
    assert (answer["committed"], answer["repeated"]) == (True, False)
    assert answer["replies"] == [
        {
            "text": "Hello from the domain.",
            "quick_replies": [],
            "cards": [],
            "reply": "utter_greet",
            "variant": "default",
        }
    ]
    assert answer["parse"]["intent"] == {"name": "greet", "confidence": 0.9}
    assert answer["parse"]["sentiment"]["label"] == "neutral"
    assert answer["models"]["rasa"] == "tiny"
    assert {"total", "understand", "load", "save"} <= answer["milliseconds"].keys()


@pytest.mark.parametrize("key", [None, "", "another-key"])
async def test_without_the_key_nothing_is_answered(bot: Bot, key: str | None) -> None:
    status, problem = await bot.post(bot.body("hello"), key=key)
    assert (status, problem["type"], problem["status"]) == (401, "wrong-key", 401)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"turn_id": None}, "/turn_id"),
        ({"turn_id": "a b"}, "/turn_id"),
        ({"conversation_id": "x" * 65}, "/conversation_id"),
        ({"owner_epoch": -1}, "/owner_epoch"),
        ({"text": ["hello"]}, "/text"),
        ({"text": "a" * 20_001}, "/text"),
        ({"text": " \n "}, "/__root__"),
        ({"command": {"entities": []}}, "/command/intent"),
        ({"customer": {"profile_version": 1}}, "/customer/customer_id"),
    ],
)
async def test_a_faulty_request_is_told_where_the_fault_is(
    bot: Bot, change: dict[str, Any], pointer: str
) -> None:
    status, problem = await bot.post({**bot.body("hello"), **change})
    assert (status, problem["type"]) == (422, "invalid-request")
    assert pointer in [error["pointer"] for error in problem["errors"]]


async def test_a_command_with_an_unknown_intent_is_refused(bot: Bot) -> None:
    status, problem = await bot.post(bot.body(command={"intent": "fly", "entities": []}))
    assert (status, problem["type"]) == (422, "unknown-intent")


async def test_an_unknown_address_is_a_problem_too(bot: Bot) -> None:
    async with bot.http.get(f"{bot.url}/webhooks/rest/webhook") as response:
        assert response.status == 404
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "typed",
    [
        '/thank{"order_id": "RP-100234"} my order',
        "//greet order RP-100234",
        "/ /greet order RP-100234",
        "\u00a0/greet order RP-100234",
        "/greet@0.9 order RP-100234",
        "/restart order RP-100234",
    ],
)
async def test_a_slash_that_a_customer_types_is_text(bot: Bot, agent: Any, typed: str) -> None:
    answer = await bot.turn(typed)

    # By its keywords: not by what stands after the slash.
    assert answer["parse"]["intent"]["name"] in {"inform", "thank"}
    assert answer["parse"]["intent"]["confidence"] == 0.9
    stored = await agent.store.retrieve_full_tracker(bot.conversation_id)
    assert [event.text for event in stored.events if event.type_name == "user"] == [typed.strip()]
    for entity in answer["parse"]["entities"]:
        assert typed.strip()[entity["start"] : entity["end"]] == entity["value"]


async def test_slashes_alone_are_understood_as_something_out_of_scope(bot: Bot) -> None:
    assert (await bot.turn("///"))["parse"]["intent"]["name"] == "out_of_scope"


async def test_a_command_is_taken_as_it_is(bot: Bot, agent: Any) -> None:
    command = {"intent": "cancel_order", "entities": [{"entity": "order_id", "value": "RP-100234"}]}
    answer = await bot.turn("Cancel it", command=command)

    assert answer["parse"]["intent"] == {"name": "cancel_order", "confidence": 1.0}
    assert [reply["text"] for reply in answer["replies"]] == ["Why?"]
    stored = await agent.store.retrieve_full_tracker(bot.conversation_id)
    assert stored.get_slot("order_id") == "RP-100234"
    assert stored.latest_message.text == "Cancel it"


async def test_a_command_needs_no_text(bot: Bot) -> None:
    answer = await bot.turn(None, command={"intent": "open_conversation", "entities": []})
    assert [reply["reply"] for reply in answer["replies"]] == ["utter_greet"]


async def test_actions_read_the_turn_in_the_metadata_of_the_message(
    bot: Bot, actions: ActionsService
) -> None:
    actions.answers["action_remote"] = {"events": [], "responses": [{"text": "Done."}]}
    body = bot.body("remote")
    await bot.post(body)

    message = actions.calls[0]["tracker"]["latest_message"]
    assert message["metadata"] == {
        "turn_id": body["turn_id"],
        "conversation_id": bot.conversation_id,
        "owner_epoch": 3,
        "customer": body["customer"],
    }
    assert message["sentiment"]["label"] == "neutral"


async def test_decisions_are_merged_and_not_stored(bot: Bot, actions: ActionsService, agent: Any) -> None:
    actions.answers["action_remote"] = {
        "events": [],
        "responses": [
            {"text": "One.", "custom": {"reply": "utter_one", "variant": "loyal", "cards": [{"kind": "order"}],
             "decision": {"path": ["a"], "customer": {"source": "cache"}, "milliseconds": {"shop": 2.0}}}},
            {"text": "Two.", "custom": {"quick_replies": [{"title": "Yes", "command": {"intent": "affirm"}}],
             "decision": {"path": ["b"], "handoff": {"reason": "asked"}, "milliseconds": {"shop": 3.0, "choose": 1.0}}}},
        ],
    }  # fmt: skip
    answer = await bot.turn("remote")

    assert answer["decision"] == {
        "path": ["a", "b"],
        "customer": {"source": "cache"},
        "handoff": {"reason": "asked"},
        "milliseconds": {"shop": 5.0, "choose": 1.0},
    }
    assert [(reply["text"], reply["reply"], reply["variant"]) for reply in answer["replies"]] == [
        ("One.", "utter_one", "loyal"),
        ("Two.", None, "default"),
    ]
    assert answer["replies"][0]["cards"] == [{"kind": "order"}]
    assert answer["replies"][1]["quick_replies"][0]["title"] == "Yes"
    stored = await agent.store.redis.lrange(f"tracker:{{{bot.conversation_id}}}:events", 0, -1)
    bot_messages = [event for event in map(json.loads, stored) if event["event"] == "bot"]
    assert [event["data"]["custom"].keys() for event in bot_messages] == [
        {"reply", "variant", "cards"},
        {"quick_replies"},
    ]


async def test_a_whole_text_is_one_reply(bot: Bot, actions: ActionsService) -> None:
    actions.answers["action_remote"] = {"events": [], "responses": [{"text": "One.\n\nStill one."}]}
    assert await bot.says("remote") == ["One.\n\nStill one."]


async def test_a_repeated_turn_gives_the_kept_answer_and_does_nothing(
    bot: Bot, actions: ActionsService, agent: Any
) -> None:
    actions.answers["action_remote"] = {"events": [], "responses": [{"text": "Done."}]}
    body = bot.body("remote")
    _, first = await bot.post(body)
    length = await agent.store.redis.llen(f"tracker:{{{bot.conversation_id}}}:events")
    _, second = await bot.post(body)

    assert second["repeated"] is True
    assert (second["committed"], second["replies"], second["parse"]) == (
        True,
        first["replies"],
        first["parse"],
    )
    assert len(actions.calls) == 1
    assert await agent.store.redis.llen(f"tracker:{{{bot.conversation_id}}}:events") == length
    assert 0 < await agent.store.redis.ttl(f"turn:{{{bot.conversation_id}}}:{body['turn_id']}") <= 600


async def test_a_turn_that_is_sent_again_while_it_runs_runs_once(bot: Bot, actions: ActionsService) -> None:
    actions.answers["action_remote"] = _late({"events": [], "responses": [{"text": "Done."}]}, 0.1)
    body = bot.body("remote")
    answers = await asyncio.gather(bot.post(body), bot.post(body))

    assert sorted(answer["repeated"] for _, answer in answers) == [False, True]
    assert len(actions.calls) == 1


async def test_turns_of_one_conversation_run_in_order(bot: Bot, actions: ActionsService, agent: Any) -> None:
    actions.answers["action_remote"] = _late({"events": [], "responses": [{"text": "Done."}]}, 0.2)
    slow = asyncio.create_task(bot.turn("remote"))
    while not actions.calls:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    quick = [asyncio.create_task(bot.turn(text)) for text in ("hello", "thank you")]
    await asyncio.gather(slow, *quick)

    stored = await agent.store.retrieve_full_tracker(bot.conversation_id)
    said = [event.text for event in stored.events if event.type_name == "user"]
    assert said[0] == "remote"
    assert sorted(said[1:]) == ["hello", "thank you"]
    assert stored.latest_action_name == "action_listen"


async def test_turns_of_other_conversations_do_not_wait(bot: Bot, actions: ActionsService) -> None:
    hold = asyncio.Event()

    async def answer() -> dict[str, Any]:
        await hold.wait()
        return {"events": [], "responses": []}

    actions.answers["action_remote"] = answer
    slow = asyncio.create_task(bot.turn("remote"))
    other = await bot.turn("hello", conversation_id=str(uuid.uuid4()))
    assert other["committed"]
    hold.set()
    await slow


async def test_an_action_that_can_not_be_run_ends_in_an_apology(bot: Bot) -> None:
    answer = await bot.turn("remote")  # the service answers 500

    assert [reply["reply"] for reply in answer["replies"]] == ["utter_trouble"]
    assert answer["committed"] is True
    assert answer["decision"]["path"] == ["action_remote: not run (ClientResponseError)"]
    assert await bot.says("hello") == ["Hello from the domain."]


async def test_a_turn_with_an_action_that_can_not_be_run_leaves_the_conversation_as_it_was(
    bot: Bot, agent: Any
) -> None:
    await bot.turn("hello")
    before = (await agent.store.retrieve_full_tracker(bot.conversation_id)).events
    body = bot.body("remote")
    _, failed = await bot.post(body)  # the service answers 500
    _, again = await bot.post(body)
    after = (await agent.store.retrieve_full_tracker(bot.conversation_id)).events

    assert list(after) == list(before)
    assert again["repeated"] is True
    assert again["replies"] == failed["replies"]


async def test_an_action_that_is_too_slow_ends_in_an_apology(
    bot: Bot, actions: ActionsService, agent: Any
) -> None:
    agent.action_endpoint.seconds = 0.1
    actions.answers["action_remote"] = _late({"events": [], "responses": [{"text": "Too late."}]}, 1)
    answer = await bot.turn("remote")

    assert [reply["reply"] for reply in answer["replies"]] == ["utter_trouble"]
    assert answer["milliseconds"]["total"] < 900


async def test_a_turn_that_fails_is_a_problem_and_leaves_no_lock(
    bot: Bot, agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(agent.processor, "understand", fail)
        status, problem = await bot.post(bot.body("hello"))
    assert (status, problem["type"]) == (503, "turn-failed")
    assert await bot.says("hello") == ["Hello from the domain."]


async def test_an_unreadable_history_is_reported_and_not_overwritten(bot: Bot, agent: Any) -> None:
    await bot.turn("hello")
    key = f"tracker:{{{bot.conversation_id}}}:events"
    await agent.store.redis.rename(key, "aside")
    await agent.store.redis.set(key, "not a list")
    answer = await bot.turn("remote")

    assert answer["committed"] is False
    assert [reply["reply"] for reply in answer["replies"]] == ["utter_trouble"]
    assert await agent.store.redis.get(key) == b"not a list"


async def test_a_conversation_outlives_a_restart_of_redis(
    load_agent: Callable[[str], Any], tmp_path: Path, actions: ActionsService
) -> None:
    with RedisServer(tmp_path / "redis") as redis:
        agent = load_agent(redis.url)
        async with serving(lambda: agent) as bot:
            assert (await bot.turn("cancel RP-100234"))["replies"][0]["text"] == "Why?"
            redis.stop()
            waiting = asyncio.create_task(bot.turn("it came too late"))
            await asyncio.to_thread(redis.start)
            assert [reply["text"] for reply in (await waiting)["replies"]] == ["Cancelled RP-100234."]


async def test_without_redis_a_turn_is_refused_in_time(
    load_agent: Callable[[str], Any], tmp_path: Path, actions: ActionsService
) -> None:
    with RedisServer(tmp_path / "redis") as redis:
        agent = load_agent(redis.url)
        async with serving(lambda: agent) as bot:
            await bot.turn("hello")
            redis.stop()
            async with asyncio.timeout(4.5):
                status, problem = await bot.post(bot.body("hello"))
            assert (status, problem["type"]) == (503, "no-storage")


def _late(answer: dict[str, Any], seconds: float) -> Callable[[], Any]:
    async def give() -> dict[str, Any]:
        await asyncio.sleep(seconds)
        return answer

    return give
