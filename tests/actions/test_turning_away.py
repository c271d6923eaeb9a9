"""While a form asks for an order: a number with other words of a wish turns to that wish, any other number is the choice."""

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa_sdk.executor import ActionExecutor

from actions.dialogue.forms import FORMS
from tests.actions.conversation import Conversation, decision, replies

World = psycopg.Connection[Any]
MARIA = "C000001"  # RP-100101 processing, 100102 packed, 100103 shipped, 100104 delivered
NUMBER = "RP-100102"
ASKING = {form.intent: form for form in FORMS if "order_id" in form.finds_by()}
#: Wish → how it is said with a number in few words.
COMMANDS = {
    "track_order": ("track {}", "where's {}", "status of {}?"),
    "cancel_order": ("cancel {}", "no, cancel {}", "{} cancel it"),
    "change_order": ("change {}", "actually change {}"),
    "change_shipping_address": ("address for {}", "new address {}"),
    "return_item": ("return {}", "send back {}"),
    "get_refund": ("refund {}", "my money back for {}"),
    "track_refund": ("where's my refund {}", "refund status {}"),
    "get_invoice": ("invoice for {}", "receipt {} please"),
    "check_invoice": ("invoice {}",),
    "warranty": ("warranty for {}", "{} guarantee"),
    "report_defect": ("{} is broken", "faulty {}"),
    "payment_issue": ("payment for {} failed", "pay for {}"),
}
CHOICES = ("{}", "the one {} please", "it's {}", "order number {}", "{} please", "number {} then")
INTENTS = ("inform", "out_of_scope", "affirm", "complaint", *COMMANDS)


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    return conversation


def left_for(said: list[dict[str, Any]]) -> list[str]:
    """The wishes to which the message turned."""
    paths = [message["custom"].get("decision", {}).get("path", []) for message in said]
    return [step.split(": left for ")[1] for path in paths for step in path if ": left for " in step]


def others(intent: str) -> list[tuple[str, str]]:
    """Other wishes and their words, without those that are a reason for this one."""
    return [
        (wish, words)
        for wish, ways in COMMANDS.items()
        if wish != intent and wish not in ASKING[intent].reasons
        for words in ways
    ]


async def asked(executor: ActionExecutor, intent: str, for_email: bool) -> Conversation:
    """A visitor whom the form of this wish has asked for the number, or for the address after it."""
    visitor = Conversation(executor)
    await visitor.say("I need help with my order", intent)
    if for_email:
        await visitor.say("RP-100104", "inform", order_id="RP-100104")
    return visitor


async def test_every_form_that_asks_for_an_order_is_looked_at(executor: ActionExecutor) -> None:
    for intent in ASKING:
        visitor = await asked(executor, intent, for_email=False)
        waits = visitor.slots["requested_slot"] == "order_id"
        assert waits or intent == "change_shipping_address", intent  # which is for customers alone


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_wish_with_a_number_of_its_own_is_turned_to(
    executor: ActionExecutor, data: st.DataObject
) -> None:
    intent = data.draw(st.sampled_from(sorted(set(ASKING) - {"change_shipping_address"})))
    wish, words = data.draw(st.sampled_from(others(intent)))
    confidence = data.draw(st.sampled_from([0.55, 0.7, 0.99]))
    visitor = await asked(executor, intent, data.draw(st.booleans()))
    said = await visitor.say(words.format(NUMBER), wish, confidence=confidence, order_id=NUMBER)
    assert left_for(said) == [wish]
    if wish != "change_shipping_address":
        assert visitor.form == f"{wish}_form"
        assert visitor.slots["order_id"] == NUMBER


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_a_number_without_words_of_another_wish_is_the_choice(
    executor: ActionExecutor, data: st.DataObject
) -> None:
    intent = data.draw(st.sampled_from(sorted(set(ASKING) - {"change_shipping_address"})))
    own = [(intent, words) for words in COMMANDS.get(intent, ())]
    bare = [(understood, words) for understood in INTENTS for words in CHOICES]
    understood, words = data.draw(
        st.sampled_from(own) | st.sampled_from(bare) if own else st.sampled_from(bare)
    )
    visitor = await asked(executor, intent, for_email=False)
    said = await visitor.say(words.format(NUMBER), understood, order_id=NUMBER)
    assert left_for(said) == []
    assert visitor.form == f"{intent}_form"
    assert visitor.slots["order_id"] == NUMBER


@pytest.mark.parametrize("intent", sorted(ASKING.keys() - {"track_order"}))
async def test_who_speaks_of_the_number_does_not_ask_where_the_order_is(
    executor: ActionExecutor, intent: str
) -> None:
    visitor = await asked(executor, intent, for_email=False)
    said = await visitor.say("I never got an order number", "track_order", confidence=0.85)
    assert left_for(said) == []
    said = await visitor.say(f"{NUMBER} was my last one", "track_order", confidence=0.6, order_id=NUMBER)
    assert left_for(said) == []
    assert visitor.slots["order_id"] == NUMBER


class TestCustomers:
    """Who is signed in is asked to choose among orders, and may name a thing instead of a number."""

    @pytest.mark.parametrize("confidence", [0.6, 0.99])
    async def test_cancelling_one_while_asked_which_to_track(
        self, maria: Conversation, confidence: float
    ) -> None:
        assert replies(await maria.say("where's my parcel", "track_order")) == ["utter_choose_order"]
        said = await maria.say("cancel RP-100102", "cancel_order", confidence=confidence, order_id=NUMBER)
        assert replies(said) == ["utter_moving_on", "utter_confirm_cancel"]
        assert NUMBER in said[-1]["text"]

    @pytest.mark.parametrize(
        ("words", "intent"), [("RP-100102", "inform"), ("track RP-100102", "track_order")]
    )
    async def test_the_choice_of_one_to_track(self, maria: Conversation, words: str, intent: str) -> None:
        await maria.say("where's my parcel", "track_order")
        said = await maria.say(words, intent, order_id=NUMBER)
        assert replies(said) == ["utter_order_status"]
        assert NUMBER in said[0]["text"]

    @pytest.mark.parametrize("confidence", [0.6, 0.95])
    @pytest.mark.parametrize("words", ["return the kettle", "send the kettle back please"])
    async def test_returning_a_thing_while_asked_which_to_cancel(
        self, maria: Conversation, words: str, confidence: float
    ) -> None:
        assert replies(await maria.say("cancel my order", "cancel_order")) == ["utter_choose_order"]
        said = await maria.say(words, "return_item", confidence=confidence, product="HV-KT-01")
        assert left_for(said) == ["return_item"]
        assert maria.slots["order_id"] == "RP-100104"

    @pytest.mark.parametrize(
        "words", ["the kettle", "the kettle one please", "the one to send back, the kettle"]
    )
    async def test_a_thing_that_is_only_described_is_the_choice(
        self, maria: Conversation, words: str
    ) -> None:
        await maria.say("cancel my order", "cancel_order")
        said = await maria.say(words, "return_item", confidence=0.6, product="HV-KT-01")
        assert left_for(said) == []
        assert replies(said) == ["utter_cannot_cancel"]

    async def test_words_that_are_close_to_two_wishes_mean_the_one_that_they_name(
        self, maria: Conversation
    ) -> None:
        await maria.say("where's my parcel", "track_order")
        near = ("edit_account", "change_order")
        said = await maria.say(
            "change RP-100101", "edit_account", confidence=0.4, between=near, order_id="RP-100101"
        )
        assert left_for(said) == ["change_order"]
        assert replies(said) == ["utter_moving_on", "utter_ask_change"]

    async def test_nor_is_it_asked_which_of_them_when_nothing_was_begun(self, maria: Conversation) -> None:
        near = ("edit_account", "change_order")
        said = await maria.say(
            "change RP-100101", "edit_account", confidence=0.4, between=near, order_id="RP-100101"
        )
        assert replies(said) == ["utter_ask_change"]
        assert maria.form == "change_order_form"

    @pytest.mark.parametrize("begun", [False, True])
    async def test_of_two_numbers_the_one_that_is_not_denied_counts(
        self, maria: Conversation, begun: bool
    ) -> None:
        if begun:
            await maria.say("cancel RP-100101", "cancel_order", order_id="RP-100101")
        said = await maria.say(
            "don't cancel RP-100101, cancel RP-100102", "cancel_order", order_id=["RP-100101", NUMBER]
        )
        assert replies(said) == ["utter_confirm_cancel"]
        assert NUMBER in said[0]["text"]

    async def test_where_any_words_can_answer_a_request_with_a_number_is_none(
        self, maria: Conversation
    ) -> None:
        await maria.say("return the kettle", "return_item", product="HV-KT-01")
        said = await maria.say("invoice for RP-100104", "get_invoice", order_id="RP-100104")
        assert left_for(said) == ["get_invoice"]

    async def test_a_reason_with_a_number_in_it_is_one(self, maria: Conversation) -> None:
        await maria.say("return the kettle", "return_item", product="HV-KT-01")
        said = await maria.say(
            "RP-100104 came with the wrong invoice in the box", "get_invoice", order_id="RP-100104"
        )
        assert replies(said) == ["utter_confirm_return"]

    async def test_a_thing_for_another_wish_while_a_form_asks_for_something_else(
        self, maria: Conversation
    ) -> None:
        await maria.say("change RP-100101", "change_order", order_id="RP-100101")
        said = await maria.say("cancel RP-100102", "cancel_order", confidence=0.6, order_id=NUMBER)
        assert replies(said) == ["utter_moving_on", "utter_confirm_cancel"]
        assert decision(said)["form"]["filled"][0]["value"] == NUMBER
