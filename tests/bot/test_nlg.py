"""Reply texts: from the actions service, and from the domain when that can't be asked."""

from typing import Any

import pytest

from tests.bot.conftest import ActionsService, Bot


async def test_the_service_chooses_the_text(bot: Bot, actions: ActionsService) -> None:
    chosen = {"reply": "utter_greet", "variant": "loyal", "decision": {"path": ["loyal customer"]}}
    actions.answers["utter_greet"] = {"text": "Welcome back, Maria!", "custom": chosen}
    answer = await bot.turn("hello")

    assert [(reply["text"], reply["variant"]) for reply in answer["replies"]] == [
        ("Welcome back, Maria!", "loyal")
    ]
    assert answer["decision"] == {"path": ["loyal customer"]}
    assert "nlg" in answer["milliseconds"]


async def test_it_is_asked_with_slots_and_the_last_message_alone(bot: Bot, actions: ActionsService) -> None:
    await bot.turn("hello")
    await bot.turn("cancel RP-100234")

    question = actions.questions[-1]
    assert question.keys() == {"reply", "slots", "message", "conversation_id"}
    assert (question["reply"], question["conversation_id"]) == ("utter_ask_reason", bot.conversation_id)
    assert question["slots"] == {"order_id": "RP-100234"}
    assert question["message"]["metadata"]["conversation_id"] == bot.conversation_id


@pytest.mark.parametrize("answer", [None, {"custom": {}}, ["no object"]])
async def test_a_useless_answer_is_replaced_by_the_text_of_the_domain(
    bot: Bot, actions: ActionsService, answer: Any
) -> None:
    actions.answers["utter_greet"] = answer
    assert await bot.says("hello") == ["Hello from the domain."]


async def test_slots_are_filled_into_the_text_of_the_domain(bot: Bot) -> None:
    await bot.turn("cancel RP-100234")
    assert await bot.says("too late") == ["Cancelled RP-100234."]


async def test_a_service_that_is_away_is_not_waited_for(bot: Bot, agent: Any, unused_url: str) -> None:
    agent.nlg.endpoint.url = f"{unused_url}/nlg"
    agent.action_endpoint.url = f"{unused_url}/webhook"
    assert await bot.says("hello") == ["Hello from the domain."]
    answer = await bot.turn("remote")
    assert [reply["reply"] for reply in answer["replies"]] == ["utter_trouble"]
    assert answer["milliseconds"]["total"] < 1000


async def test_calls_share_their_connections(bot: Bot, actions: ActionsService) -> None:
    actions.answers["action_remote"] = {"events": [], "responses": [{"text": "Done."}]}
    actions.answers["utter_greet"] = {"text": "Hello.", "custom": {}}
    for _ in range(4):
        await bot.turn("hello")
        await bot.turn("remote")
    assert (len(actions.questions), len(actions.calls)) == (4, 4)
    assert len(actions.connections) == 2
