"""What the customer's profile and mood change, and what consent forbids."""

from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from actions.services import Services
from tests.actions.conversation import NO_CONSENT, Conversation, decision, replies

pytestmark = pytest.mark.usefixtures("shop_world")

ELEANOR = "C000005"  # charged twice for RP-100501
BILLING = {"last_issue": "billing", "last_issue_outcome": "open", "days_since_issue": 20}


async def test_two_segments_hear_two_greetings(executor: ActionExecutor, known: Any) -> None:
    await known("C000001", segment="loyal_high_value", tier="gold")
    await known("C000003", segment="new", tier="standard")
    loyal = await Conversation(executor, "C000001").say("hi", "greet")
    new = await Conversation(executor, "C000003").say("hi", "greet")
    assert (loyal[0]["custom"]["variant"], new[0]["custom"]["variant"]) == ("loyal_high_value", "new")
    record = decision(loyal)
    assert record["customer"]["source"] == "cache"
    assert {"name": "customer.segment", "value": "loyal_high_value", "purpose": "personalisation"} in record[
        "attributes_read"
    ]
    assert record["conditions"][-1]["holds"] is True
    assert record["milliseconds"]["profile"] > 0


@pytest.mark.parametrize("consent", [NO_CONSENT, None, {}])
async def test_without_consent_no_profile_is_asked_for_and_the_default_is_said(
    executor: ActionExecutor, services: Services, known: Any, consent: dict[str, bool] | None
) -> None:
    await known("C000001", segment="loyal_high_value", tier="gold", first_name="Maria", **BILLING)
    conversation = Conversation(executor, "C000001", consent=consent)
    for words, intent, entities in (
        ("", "open_conversation", {}),
        ("hi", "greet", {}),
        ("where is it", "track_order", {"order_id": "RP-100103"}),
        ("charged twice", "billing_inquiry", {}),
        ("a person", "contact_human_agent", {}),
    ):
        said = await conversation.say(words, intent, **entities)
        assert [message["custom"]["variant"] for message in said] == ["default"] * len(said)
        assert "Maria" not in said[0]["text"]
        assert decision(said)["attributes_read"] == []
    assert services.profiles.asked == []  # type: ignore[attr-defined]


async def test_consent_withdrawn_since_the_turn_began_counts(executor: ActionExecutor, known: Any) -> None:
    await known("C000001", consents=False)
    said = await Conversation(executor, "C000001").say("hi", "greet")
    assert said[0]["custom"]["variant"] == "default"
    assert decision(said)["attributes_read"] == []
    assert decision(said)["customer"]["consent"]["personalisation"] is False


async def test_the_profile_is_read_once_in_a_turn_of_two_actions(
    executor: ActionExecutor, services: Services, known: Any
) -> None:
    await known("C000001", segment="loyal_high_value")
    conversation = Conversation(executor, "C000001")
    await conversation.say("cancel", "cancel_order", order_id="RP-100101")
    await conversation.say("where is RP-100103", "track_order", order_id="RP-100103")
    assert len(conversation.steps) == 2
    assert services.profiles.asked == [("C000001", "personalisation")] * 2  # type: ignore[attr-defined]


async def test_a_profile_service_that_is_away_gives_defaults_and_the_order_all_the_same(
    executor: ActionExecutor,
) -> None:
    said = await Conversation(executor, "C000001").say("where", "track_order", order_id="RP-100103")
    assert said[0]["custom"]["variant"] == "default"
    assert said[0]["custom"]["cards"]
    assert decision(said)["customer"]["source"] == "none"


async def test_an_open_billing_issue_is_taken_up_when_the_next_conversation_begins(
    executor: ActionExecutor, known: Any
) -> None:
    await known(ELEANOR, first_name="Eleanor", segment="drifting_away", **BILLING)
    conversation = Conversation(executor, ELEANOR)
    greeting = await conversation.say("", "open_conversation")
    assert replies(greeting) == ["utter_greet_billing_help"]
    assert decision(greeting)["path"] == ["action_greet: unresolved_billing_issue"]
    helped = await conversation.press("Yes, please", greeting)
    assert replies(helped) == ["utter_billing_help"]
    assert helped[0]["custom"]["variant"] == "unresolved"


async def test_a_settled_issue_is_not_taken_up_again(executor: ActionExecutor, known: Any) -> None:
    await known(ELEANOR, first_name="Eleanor", last_issue="billing", last_issue_outcome="resolved")
    assert replies(await Conversation(executor, ELEANOR).say("hi", "greet")) == ["utter_greet"]


async def test_an_angry_message_changes_the_tone_and_offers_a_person(executor: ActionExecutor) -> None:
    conversation = Conversation(executor, "C000001", consent=None)
    said = await conversation.say("WHERE IS IT", "track_order", sentiment="angry", order_id="RP-100103")
    assert said[0]["custom"]["variant"] == "angry"
    assert "Talk to a person" in [quick["title"] for quick in said[-1]["custom"]["quick_replies"]]


async def test_two_angry_messages_in_a_row_offer_a_person_before_the_answer(executor: ActionExecutor) -> None:
    conversation = Conversation(executor, "C000001", consent=None)
    await conversation.say("this is rubbish", "complaint", sentiment="angry")
    said = await conversation.say("WHERE IS IT", "track_order", sentiment="angry", order_id="RP-100103")
    assert replies(said) == ["utter_offer_person", "utter_order_status"]
    await conversation.say("fine", "affirm")
    calm = await conversation.say("WHERE", "track_order", sentiment="angry", order_id="RP-100103")
    assert replies(calm) == ["utter_order_status"]  # a calm message came between


async def test_a_double_charge_is_found_by_its_words_and_by_its_amount(executor: ActionExecutor) -> None:
    conversation = Conversation(executor, ELEANOR, consent=None)
    said = await conversation.say("I was charged twice", "payment_issue")
    assert "RP-100501" in said[0]["text"]
    assert "twice" in said[0]["text"]
    strange = await conversation.say("what is this £3.33", "billing_inquiry", money="£3.33")
    assert "can't find that charge" in strange[0]["text"]


async def test_technical_help_asks_for_the_product_then_gives_steps_then_a_person(
    executor: ActionExecutor,
) -> None:
    conversation = Conversation(executor, "C000001", consent=None)
    assert replies(await conversation.say("it's broken", "technical_support")) == ["utter_ask_product"]
    steps = await conversation.say("the kettle", "inform", product="HV-KT-01")
    assert replies(steps) == ["utter_technical_help"]
    assert "1. " in steps[0]["text"]
    still = await conversation.say("tried that, still nothing", "technical_support")
    assert replies(still) == ["utter_offer_person"]


async def test_a_follow_up_to_a_frequent_question_is_understood(executor: ActionExecutor) -> None:
    conversation = Conversation(executor)
    first = await conversation.say("i've a promo code, when will it expire", "billing_inquiry")
    assert "7 days" in first[0]["text"]
    beside = await conversation.say("want to buy my dog a scarf", "out_of_scope")
    assert replies(beside) == ["utter_out_of_scope"]
    again = await conversation.say("no, just tell me how long they last", "deny")
    assert again[0]["text"] == first[0]["text"]


async def test_a_bare_order_number_shows_the_order_and_asks_what_to_do(executor: ActionExecutor) -> None:
    conversation = Conversation(executor, "C000001", consent=None)
    said = await conversation.say("RP-100102", "inform", order_id="RP-100102")
    assert replies(said) == ["utter_what_with_order"]
    assert replies(await conversation.press("Cancel an order", said)) == ["utter_confirm_cancel"]
