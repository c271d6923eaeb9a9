"""Who says that they were misread is asked what they meant, and trainers hear of which message it was."""

from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies


@pytest.fixture
async def visitor(executor: ActionExecutor, shop_world: Any) -> Conversation:
    return Conversation(executor)


SAID = [
    "that is not what I meant",
    "that's not what i asked",
    "you misunderstood me",
    "no, I meant something else",
    "I didn't mean that",
    "not what I was asking",
]


@pytest.mark.parametrize("words", SAID)
async def test_the_message_before_is_recorded_as_misread(visitor: Conversation, words: str) -> None:
    await visitor.say("how can I pay", "check_payment_methods")
    said = await visitor.say(words, "deny")
    assert replies(said) == ["utter_misread"]
    assert decision(said)["misread"] == {"turn_id": visitor.turn_ids[-2]}
    assert said[0]["custom"]["quick_replies"][-1]["title"] == "Talk to a person"


async def test_a_form_that_was_begun_by_it_is_left(visitor: Conversation) -> None:
    await visitor.say("kibosh it", "cancel_order")
    said = await visitor.say("that's not what I meant", "deny")
    assert replies(said) == ["utter_misread"]
    assert visitor.form is None


async def test_who_says_at_once_what_is_meant_is_served(visitor: Conversation) -> None:
    await visitor.say("how can I pay", "check_payment_methods")
    said = await visitor.say("not what I meant, I need the invoice of my order", "get_invoice")
    assert visitor.form == "get_invoice_form"
    assert decision(said)["misread"] == {"turn_id": visitor.turn_ids[-2]}


async def test_it_counts_once_and_only_for_what_was_said_before(visitor: Conversation) -> None:
    assert "misread" not in decision(await visitor.say("that is not what I meant", "deny"))
    await visitor.say("how can I pay", "check_payment_methods")
    assert "misread" in decision(await visitor.say("that is not what I meant", "deny"))
    assert "misread" not in decision(await visitor.say("that is not what I meant", "deny"))


@pytest.mark.parametrize("words", ["no", "not what I ordered", "no thanks", "I did not mean to order it"])
async def test_other_refusals_are_none(visitor: Conversation, words: str) -> None:
    await visitor.say("how can I pay", "check_payment_methods")
    assert "misread" not in decision(await visitor.say(words, "deny"))
