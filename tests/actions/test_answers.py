"""Wishes that are answered in words or from the catalogue, outside a form and in the middle of one."""

from typing import Any

import psycopg
import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

from actions.knowledge import Knowledge
from actions.settings import DATA, DOMAIN
from actions.variants.names import REPLIES
from tests.actions.conversation import Conversation, decision, replies

MARIA = "C000001"  # RP-100101 processing, 100102 packed, 100103 shipped, 100104 delivered
World = psycopg.Connection[Any]
KNOWLEDGE = Knowledge(DATA)
TOLD = sorted(KNOWLEDGE.answers)
FROM_CATALOGUE = [
    *("product_question", "compare_products", "recommend_product", "stock_availability", "warranty"),
    *("place_order", "report_defect"),
]


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    return conversation


def buttons(messages: list[dict[str, Any]]) -> list[str]:
    return [quick["command"]["intent"] for quick in messages[-1]["custom"]["quick_replies"]]


def test_every_intent_of_the_domain_has_a_rule_and_each_title_and_answer_an_intent() -> None:
    intents = set(yaml.safe_load(DOMAIN.read_text("utf-8"))["intents"])
    rules = {
        rule["steps"][0]["intent"]
        for path in (DATA / "rasa" / "rules").glob("*.yml")
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]
    }
    assert rules == intents
    assert set(KNOWLEDGE.titles) | set(KNOWLEDGE.answers) <= intents
    assert {f"utter_{intent}" for intent in TOLD} <= set(REPLIES)


class TestInWords:
    @pytest.mark.parametrize("sentiment", ["neutral", "positive", "negative", "angry"])
    @pytest.mark.parametrize("intent", TOLD)
    async def test_each_has_its_own_reply_for_each_mood(
        self, executor: ActionExecutor, intent: str, sentiment: str
    ) -> None:
        said = await Conversation(executor).say("hm", intent, sentiment=sentiment)
        assert replies(said) == [f"utter_{intent}"]
        assert "{" not in said[0]["text"]
        assert decision(said)["interaction"]["issue"] == KNOWLEDGE.answers[intent].issue

    @pytest.mark.parametrize("segment", ["loyal_high_value", "new", "power_user", "bargain_hunter"])
    @pytest.mark.parametrize("tier", ["silver", "gold"])
    @pytest.mark.parametrize("intent", [*TOLD, *FROM_CATALOGUE])
    async def test_no_variant_lacks_a_value(
        self, executor: ActionExecutor, known: Any, intent: str, tier: str, segment: str
    ) -> None:
        await known(MARIA, segment=segment, tier=tier)
        said = await Conversation(executor, MARIA).say("is it any good", intent, product="HV-HP-01")
        assert not any("lacked a value" in step for step in decision(said)["path"])

    @pytest.mark.parametrize("intent", [intent for intent in TOLD if KNOWLEDGE.answers[intent].by_person])
    async def test_what_only_a_person_can_do_is_offered_and_a_yes_fetches_one(
        self, executor: ActionExecutor, intent: str
    ) -> None:
        conversation = Conversation(executor)
        said = await conversation.say("please", intent)
        assert "contact_human_agent" in buttons(said)
        assert decision(said)["interaction"]["outcome"] == "open"
        handed = await conversation.say("yes please", "affirm")
        assert decision(handed)["handoff"] == {"reason": "customer asked"}

    @pytest.mark.parametrize(
        ("intent", "facts"),
        [
            ("delivery_options", ["£3.95", "£50", "£7.95", "Great Britain"]),
            ("delivery_period", ["2 to 4 days", "next day"]),
            ("check_refund_policy", ["30 days", "label is free", "£15", "20 kg", "bedding"]),
            ("check_cancellation_fee", ["free", "being prepared or packed"]),
            ("check_payment_methods", ["card, PayPal, invoice and gift card", "14 days"]),
            ("contact_customer_service", ["0808 157 0192", "08:00", "help@hearthandvolt.example"]),
        ],
    )
    async def test_facts_come_from_the_policy(
        self, executor: ActionExecutor, intent: str, facts: list[str]
    ) -> None:
        [said] = await Conversation(executor).say("tell me", intent)
        assert [fact for fact in facts if fact not in said["text"]] == []

    async def test_a_frequent_question_is_more_exact_where_the_data_say_so(
        self, executor: ActionExecutor
    ) -> None:
        said = await Conversation(executor).say("do you ship to france", "delivery_options")
        assert replies(said) == ["utter_faq"]

    async def test_a_question_with_its_own_answer_is_no_follow_up_to_the_one_before(
        self, executor: ActionExecutor
    ) -> None:
        conversation = Conversation(executor)
        await conversation.say("when do promo codes expire", "out_of_scope")
        said = await conversation.say("and how long does delivery take", "delivery_period")
        assert replies(said) == ["utter_delivery_period"]


class TestProducts:
    async def test_the_fact_that_was_asked_for_is_said_and_the_product_shown(
        self, executor: ActionExecutor
    ) -> None:
        conversation = Conversation(executor)
        said = await conversation.say("how heavy are the drift 5", "product_question", product="HV-HP-01")
        assert said[0]["text"] == "Thrumm Drift 5 Wireless Headphones: Weight: 252 g."
        assert said[0]["custom"]["cards"][0]["product_id"] == "HV-HP-01"
        stock = await conversation.say("and is it in stock?", "stock_availability")
        assert "Drift 5 Wireless Headphones is in stock" in stock[0]["text"]

    async def test_another_thing_without_a_name_is_not_taken_for_the_one_before(
        self, executor: ActionExecutor
    ) -> None:
        conversation = Conversation(executor)
        await conversation.say("how heavy are the drift 5", "product_question", product="HV-HP-01")
        said = await conversation.say("do you have garden chairs", "stock_availability")
        assert replies(said) == ["utter_which_product"]

    @pytest.mark.parametrize("intent", ["product_question", "stock_availability", "warranty"])
    async def test_the_name_alone_answers_which_product(self, executor: ActionExecutor, intent: str) -> None:
        conversation = Conversation(executor)
        await conversation.say("what about that thing i saw", intent)
        said = await conversation.say("the drift 5", "inform", product="HV-HP-01")
        assert replies(said) == [f"utter_{intent}"]
        assert "Drift 5" in str(said)
        after = await conversation.say("the drift 4", "inform", product="HV-HP-02")
        assert replies(after) == ["utter_noted"]

    async def test_a_suggestion_goes_on_with_the_kind_that_is_named(self, executor: ActionExecutor) -> None:
        conversation = Conversation(executor)
        asked = await conversation.say("i need a present", "recommend_product")
        assert "What kind" in asked[0]["text"]
        said = await conversation.say("coffee machine maybe", "out_of_scope")
        assert replies(said) == ["utter_recommend_product"]
        assert said[0]["custom"]["cards"]

    async def test_what_is_sold_out_is_said_so(self, executor: ActionExecutor) -> None:
        sold_out = next(
            p for p in KNOWLEDGE.catalogue.named([f"HV-SH-{n:02}" for n in range(20)]) if not p.stock
        )
        [said] = await Conversation(executor).say("got any", "stock_availability", product=sold_out.sku)
        assert "out of stock" in said["text"]

    async def test_two_products_are_put_side_by_side_also_when_they_come_one_by_one(
        self, executor: ActionExecutor
    ) -> None:
        together = await Conversation(executor).say(
            "drift 4 or 5", "compare_products", product=["HV-HP-02", "HV-HP-01"]
        )
        assert "£99 against £149" in together[0]["text"]
        assert len(together[0]["custom"]["cards"]) == 2
        conversation = Conversation(executor)
        first = await conversation.say("compare the drift 4", "compare_products", product="HV-HP-02")
        assert "Which other" in first[0]["text"]
        second = await conversation.say("with the 5", "compare_products", product="HV-HP-01")
        assert second[0]["text"] == together[0]["text"]

    async def test_a_suggestion_keeps_to_the_budget(self, executor: ActionExecutor) -> None:
        said = await Conversation(executor).say(
            "headphones for under £100", "recommend_product", product="HV-HP-01", money="£100.00"
        )
        prices = [float(card["price"].removeprefix("£")) for card in said[0]["custom"]["cards"]]
        assert prices
        assert max(prices) <= 100
        [nothing] = await Conversation(executor).say(
            "headphones for £2", "recommend_product", product="HV-HP-01", money="£2.00"
        )
        assert "nothing of that kind in stock for up to £2" in nothing["text"]


class TestInTheMiddleOfAForm:
    @pytest.mark.parametrize("intent", TOLD)
    async def test_it_is_answered_and_the_question_asked_again(
        self, maria: Conversation, intent: str
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        said = await maria.say("by the way", intent)
        assert replies(said) == [f"utter_{intent}", "utter_ask_confirm_again"]
        assert replies(await maria.say("yes", "affirm")) == ["utter_cancel_done"]

    async def test_a_question_about_a_product_too(self, maria: Conversation) -> None:
        await maria.say("where's my stuff", "track_order")
        said = await maria.say(
            "how long does the battery of the drift 5 last", "product_question", product="HV-HP-01"
        )
        assert replies(said) == ["utter_product_question", "utter_choose_order"]

    async def test_not_when_it_is_unsure_or_any_words_are_an_answer(self, maria: Conversation) -> None:
        await maria.say("where's my stuff", "track_order")
        unsure = await maria.say("hm the one from before", "feedback", confidence=0.6)
        assert replies(unsure) == ["utter_not_understood", "utter_choose_order"]
        await maria.say("send back the kettle of RP-100104", "return_item", order_id="RP-100104")
        reason = await maria.say("I'd rather have feedback buttons on it", "feedback")
        assert replies(reason) == ["utter_confirm_return"]

    async def test_a_defect_is_a_reason_within_a_return_and_a_wish_elsewhere(
        self, maria: Conversation
    ) -> None:
        await maria.say("I want to send something back", "return_item")
        await maria.say("the handle of my kettle is broken", "report_defect")
        assert maria.form == "return_item_form"
        await maria.say("stop", "deny")
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        said = await maria.say("and my toaster from last week is broken", "report_defect")
        assert replies(said)[:2] == ["utter_moving_on", "utter_sorry_for_defect"]
        assert maria.form == "report_defect_form"
