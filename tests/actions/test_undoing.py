"""What was just done is taken back for as long as the shop allows it, in any words, and once."""

from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies

World = psycopg.Connection[Any]


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, "C000001", consent=None)
    await owned(conversation.conversation_id)
    return conversation


async def cancelled(conversation: Conversation) -> list[dict[str, Any]]:
    await conversation.say("cancel RP-100101", "cancel_order", order_id="RP-100101")
    done = await conversation.say("yes", "affirm")
    assert replies(done) == ["utter_cancel_done"]
    return done


def status(world: World, order_id: str = "RP-100101") -> str:
    row = world.execute("SELECT status FROM shop.orders WHERE order_id = %s", (order_id,)).fetchone()
    assert row is not None
    return str(row[0])


async def test_the_button_takes_a_cancellation_back(maria: Conversation, shop_world: World) -> None:
    done = await cancelled(maria)
    undone = await maria.press("Undo (within 30 seconds)", done)
    assert replies(undone) == ["utter_undone"]
    assert status(shop_world) == "processing"
    assert decision(undone)["interaction"] == {"issue": "order", "outcome": "resolved"}
    again = await maria.say("undo", "out_of_scope")
    assert "utter_undone" not in replies(again)


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("undo", "out_of_scope"),
        ("wait no", "deny"),
        ("oh no wait, I changed my mind", "inform"),
        ("take that back please", "return_item"),
        ("oops, wrong order", "nlu_fallback"),
        ("can you uncancel it", "cancel_order"),
    ],
)
async def test_second_thoughts_count_in_any_words(
    maria: Conversation, shop_world: World, words: str, intent: str
) -> None:
    await cancelled(maria)
    assert replies(await maria.say(words, intent)) == ["utter_undone"]
    assert status(shop_world) == "processing"


@pytest.mark.parametrize(("words", "intent"), [("no thanks", "deny"), ("no", "deny"), ("great", "affirm")])
async def test_an_answer_to_anything_else_is_no_second_thought(
    maria: Conversation, shop_world: World, words: str, intent: str
) -> None:
    await cancelled(maria)
    await maria.say(words, intent)
    assert status(shop_world) == "cancelled"


async def test_when_the_time_is_over_it_is_said_and_a_person_offered(
    maria: Conversation, shop_world: World
) -> None:
    done = await cancelled(maria)
    shop_world.execute("UPDATE shop.acts SET undo_until = done_at")
    said = await maria.press("Undo (within 30 seconds)", done)
    assert replies(said) == ["utter_undo_refused"]
    assert "over" in said[0]["text"]
    assert status(shop_world) == "cancelled"
    assert replies(await maria.say("undo", "undo")) == ["utter_nothing_to_undo"]


async def test_what_was_undone_can_be_done_again(maria: Conversation, shop_world: World) -> None:
    done = await cancelled(maria)
    await maria.press("Undo (within 30 seconds)", done)
    await cancelled(maria)
    assert status(shop_world) == "cancelled"


async def test_nothing_is_undone_over_an_agents_head(
    maria: Conversation, shop_world: World, owned: Any
) -> None:
    await cancelled(maria)
    await owned(maria.conversation_id, 2)
    assert await maria.say("undo", "out_of_scope") == []
    assert status(shop_world) == "cancelled"


async def test_a_visitor_takes_back_what_their_number_and_address_let_them_do(
    executor: ActionExecutor, owned: Any, shop_world: World
) -> None:
    visitor = Conversation(executor)
    await owned(visitor.conversation_id)
    await visitor.say("cancel it", "cancel_order", order_id="RP-100101", email="maria.hartley@example.com")
    done = await visitor.say("yes", "affirm")
    assert replies(await visitor.press("Undo (within 30 seconds)", done)) == ["utter_undone"]
    assert status(shop_world) == "processing"


async def test_handing_back_leaves_the_form_and_says_who_speaks(
    maria: Conversation, shop_world: World
) -> None:
    await maria.say("cancel RP-100101", "cancel_order", order_id="RP-100101")
    back = await maria.say("", "resume_from_agent")
    assert replies(back) == ["utter_resumed"]
    assert maria.form is None
    await maria.say("yes", "affirm")
    assert status(shop_world) == "processing"
