"""What customers say in other words than expected: refusals after an "ok", one wish said twice, a bare number."""

from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from actions.dialogue import refusals
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
        "no, leave it as it is",
        "No leave everything how it was please",
        "actually, let's leave it",
        "I'd rather keep the old day then",
        "keep the order as planned, thanks",
        "don't bother",
        "no, don't change anything",
        "leave it at that",
    ],
)
def test_these_give_up(text: str) -> None:
    assert refusals.gives_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "no, just the kettle",
        "ok stop them",
        "ok",
        "yes leave it with Ann",
        "leave it with Ann at number 4",
        "keep the lamp",
        "keep it but send me a smaller one",
        "I changed my mind",
        "no worries",
    ],
)
def test_these_do_not(text: str) -> None:
    assert not refusals.gives_up(text)


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


@pytest.mark.parametrize(
    "text", ["no, leave it as it is", "actually keep the old date", "leave the day as it is"]
)
async def test_who_leaves_a_packed_order_as_it_is_is_not_asked_for_a_day_again(
    executor: ActionExecutor, owned: Any, shop_world: World, text: str
) -> None:
    maria = Conversation(executor, MARIA, consent=None)
    await owned(maria.conversation_id)
    await maria.say("can RP-100102 come on another day", "change_order", order_id="RP-100102")
    assert replies(await maria.say(text, "deny")) == ["utter_stopped"]
    assert maria.form is None


class TestCancelAlone:
    @pytest.fixture
    async def tracking(self, executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
        maria = Conversation(executor, MARIA, consent=None)
        await owned(maria.conversation_id)
        assert replies(await maria.say("where's my stuff", "track_order")) == ["utter_choose_order"]
        return maria

    @pytest.mark.parametrize("intent", ["cancel_order", "deny", "out_of_scope"])
    async def test_it_is_asked_what_is_to_be_cancelled(self, tracking: Conversation, intent: str) -> None:
        said = await tracking.say("cancel", intent)
        assert replies(said) == ["utter_stop_or_cancel"]
        assert replies(await tracking.press("Stop here", said)) == ["utter_stopped"]

    async def test_said_again_it_is_to_stop(self, tracking: Conversation) -> None:
        await tracking.say("cancel", "cancel_order")
        assert replies(await tracking.say("cancel!", "cancel_order")) == ["utter_stopped"]
        assert tracking.form is None

    @pytest.mark.parametrize(
        ("text", "intent"),
        [("the second one", "inform"), ("an order", "inform"), ("cancel my order", "cancel_order")],
    )
    async def test_an_order_can_be_meant(self, tracking: Conversation, text: str, intent: str) -> None:
        await tracking.say("cancel", "cancel_order")
        assert replies(await tracking.say(text, intent)) == ["utter_moving_on", "utter_choose_order"]
        assert tracking.form == "cancel_order_form"

    async def test_the_choice_that_was_asked_for_still_counts(self, tracking: Conversation) -> None:
        await tracking.say("cancel", "cancel_order")
        assert "RP-100102" in (await tracking.say("the lamp", "inform"))[0]["text"]

    async def test_the_question_is_forgotten_with_the_form(self, tracking: Conversation) -> None:
        await tracking.say("cancel", "cancel_order")
        await tracking.say("no, leave it as it is", "deny")
        assert "utter_choose_order" not in replies(await tracking.say("the second one", "inform"))

    async def test_while_an_order_is_cancelled_it_means_the_order(
        self, executor: ActionExecutor, owned: Any, shop_world: World
    ) -> None:
        maria = Conversation(executor, MARIA, consent=None)
        await owned(maria.conversation_id)
        await maria.say("cancel RP-100101", "cancel_order", order_id="RP-100101")
        assert replies(await maria.say("cancel", "cancel_order")) == ["utter_ask_confirm_again"]
