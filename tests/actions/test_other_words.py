"""What customers say in other words than expected: refusals after an "ok", one wish said twice, a bare number."""

from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from actions.dialogue import signs
from tests.actions.conversation import Conversation, replies

MARIA = "C000001"
World = psycopg.Connection[Any]


@pytest.mark.parametrize(
    "text",
    [
        "no thank you",
        "no, don't do that",
        "never mind then",
        "ok leave it be",
        "oh, forget it",
        "well, leave them",
        "stop",
    ],
)
def test_these_give_up(text: str) -> None:
    assert signs.gives_up(text)


@pytest.mark.parametrize(
    "text", ["no, just the kettle", "ok stop them", "ok", "yes leave it with Ann", "no worries"]
)
def test_these_do_not(text: str) -> None:
    assert not signs.gives_up(text)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("ok leave it be", "inform"),
        ("ok keep it then", "nlu_fallback"),
        ("ok, forget about that", "affirm"),
        ("sure, never mind", "affirm"),
        ("no thank you", "thank"),
        ("never mind", "thank"),
    ],
)
async def test_nothing_is_cancelled_by_it(
    executor: ActionExecutor, owned: Any, shop_world: World, text: str, intent: str
) -> None:
    maria = Conversation(executor, MARIA, consent=None)
    await owned(maria.conversation_id)
    await maria.say("cancel RP-100101", "cancel_order", order_id="RP-100101")
    said = await maria.say(text, intent)
    assert "utter_cancel_done" not in replies(said)
    status = shop_world.execute("SELECT status FROM shop.orders WHERE order_id = 'RP-100101'").fetchone()
    assert status == ("processing",)


async def test_a_visitor_who_only_gives_a_number_is_asked_for_the_address(
    executor: ActionExecutor, owned: Any, shop_world: World
) -> None:
    visitor = Conversation(executor)
    await owned(visitor.conversation_id)
    said = await visitor.say("my order number is RP-100201", "inform", order_id="RP-100201")
    assert replies(said) == ["utter_ask_email"]


async def test_one_wish_in_two_words_is_one(executor: ActionExecutor, owned: Any, shop_world: World) -> None:
    maria = Conversation(executor, MARIA, consent=None)
    await owned(maria.conversation_id)
    said = await maria.say(
        "send back RP-100104 and give me my money",
        "return_item",
        order_id="RP-100104",
        wishes=("return_item", "get_refund"),
    )
    assert replies(said) == ["utter_choose_items"]


async def test_how_long_they_last_means_what_was_answered_before(
    executor: ActionExecutor, owned: Any
) -> None:
    visitor = Conversation(executor)
    await owned(visitor.conversation_id)
    await visitor.say("I've got a promo code and I want to know when they expire", "out_of_scope")
    said = await visitor.say(
        "no, I just want to see how long they last for", "stock_availability", confidence=0.84
    )
    assert replies(said) == ["utter_faq"]
