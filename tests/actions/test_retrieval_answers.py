"""Answers from help pages in a dialogue: when, with what beside them, and when not."""

from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies
from tests.actions.test_retrieval import REPORT

World = psycopg.Connection[Any]
MARIA = "C000001"


@pytest.fixture
def talk(executor: ActionExecutor) -> Conversation:
    return Conversation(executor)


def cards(messages: list[dict[str, Any]]) -> list[str]:
    return [card["url"] for card in messages[-1]["custom"]["cards"]]


def buttons(messages: list[dict[str, Any]]) -> list[str]:
    return [quick["title"] for quick in messages[-1]["custom"]["quick_replies"]]


class TestWhereNothingElseAnswers:
    @pytest.mark.parametrize("intent", ["out_of_scope", "nlu_fallback"])
    async def test_the_passage_answers_with_its_source_and_a_way_on(
        self, talk: Conversation, intent: str
    ) -> None:
        said = await talk.say("currys has it cheaper, do you match prices?", intent)
        assert replies(said) == ["utter_from_page"]
        assert "we don't match the prices of other shops" in said[0]["text"]
        assert said[0]["text"].endswith("Did that help?")
        assert cards(said)[0] == "/help/prices#do-you-match-other-shops-prices"
        assert said[0]["custom"]["cards"][0]["page"] == "Prices, price match and offers"
        assert buttons(said) == ["Yes, thanks", "Talk to a person"]

    async def test_the_record_says_which_passage_and_both_scores(self, talk: Conversation) -> None:
        said = await talk.say("do you match prices?", "out_of_scope")
        [step] = decision(said)["path"]
        assert step.startswith("from a help page: prices#do-you-match-other-shops-prices (0.")
        assert "by meaning 0." in step
        assert "by words " in step

    async def test_it_says_a_few_sentences_and_not_the_whole_passage(self, talk: Conversation) -> None:
        said = await talk.say("is vinegar ok for the coffee maker", "out_of_scope")
        assert "Never put vinegar into a coffee machine" in said[0]["text"]
        assert "Lemon juice" not in said[0]["text"]

    async def test_where_it_is_not_sure_it_says_so_and_points_to_what_may_help(
        self, talk: Conversation
    ) -> None:
        said = await talk.say("where should the wifi extender go", "out_of_scope")
        assert replies(said) == ["utter_pages_may_help"]
        assert "not sure" in said[0]["text"]
        assert all(url.startswith("/help/") for url in cards(said))
        assert buttons(said) == ["Talk to a person"]
        assert decision(said)["interaction"]["outcome"] == "open"

    @pytest.mark.parametrize("text", REPORT["unanswered"])
    async def test_nonsense_and_what_the_shop_does_not_do_get_no_answer(
        self, talk: Conversation, text: str
    ) -> None:
        said = await talk.say(text, "out_of_scope")
        assert "utter_from_page" not in replies(said)

    @pytest.mark.parametrize(
        "text", ["ghjk ghjk", "sing me a song", "what time is it in tokyo", "can you be my friend", "🍕🍕"]
    )
    async def test_chatter_is_declined_as_ever(self, talk: Conversation, text: str) -> None:
        said = await talk.say(text, "out_of_scope")
        assert replies(said) == ["utter_out_of_scope"]
        assert said[0]["custom"]["cards"] == []
        assert any(step.startswith("no passage fits") for step in decision(said)["path"])

    async def test_two_near_wishes_are_asked_about_before_any_page(self, talk: Conversation) -> None:
        said = await talk.say(
            "do you match prices?", "nlu_fallback", between=("recommend_product", "product_question")
        )
        assert replies(said) == ["utter_which_wish"]

    async def test_a_frequent_question_keeps_its_own_answer(self, talk: Conversation) -> None:
        said = await talk.say("how do I become silver", "out_of_scope")
        assert replies(said) == ["utter_faq"]


class TestWhetherItHelped:
    async def test_a_yes_ends_it(self, talk: Conversation) -> None:
        said = await talk.say("do you match prices?", "out_of_scope")
        assert replies(await talk.press("Yes, thanks", said)) == ["utter_helped"]

    async def test_a_no_offers_a_person_and_a_yes_to_that_fetches_one(self, talk: Conversation) -> None:
        await talk.say("do you match prices?", "out_of_scope")
        said = await talk.say("no it didn't", "deny")
        assert replies(said) == ["utter_not_helped"]
        assert decision(said)["interaction"]["outcome"] == "open"
        handed = await talk.say("yes please", "affirm")
        assert decision(handed)["handoff"] == {"reason": "customer asked"}

    async def test_another_question_in_between_forgets_it(self, talk: Conversation) -> None:
        await talk.say("do you match prices?", "out_of_scope")
        await talk.say("sing me a song", "out_of_scope")
        assert replies(await talk.say("no", "deny")) == ["utter_nothing_to_deny"]

    async def test_an_angry_customer_is_not_asked_but_offered_a_person(self, talk: Conversation) -> None:
        said = await talk.say("do you match prices or not", "out_of_scope", sentiment="angry")
        assert "Did that help" not in said[0]["text"]
        assert "Talk to a person" in buttons(said)


class TestMoreExactThanAGeneralAnswer:
    @pytest.mark.parametrize(
        ("text", "intent", "page"),
        [
            (
                "can I book a time slot for the delivery?",
                "delivery_options",
                "delivery-options#choosing-a-day",
            ),
            ("can I return earbuds that I tried?", "check_refund_policy", "what-cannot-be-returned#bedding"),
            (
                "does the warranty pass to the new owner?",
                "warranty",
                "warranty-and-repairs#does-the-warranty",
            ),
            ("can I wash the heated throw?", "product_question", "bedding-care#washing-the-heated-throw"),
            (
                "what about gift cards, how long do they last",
                "check_payment_methods",
                "gift-cards#how-long-a-gift-card-lasts",
            ),
            ("can I pay by cheque", "check_payment_methods", "payments#instalments"),
            ("when will they be back in stock", "stock_availability", "changing-and-cancelling#pre-orders"),
            ("the robot has lost its map", "technical_support", "robot-vacuum#the-robot-loses-its-map"),
        ],
    )
    async def test_the_passage_answers(self, talk: Conversation, text: str, intent: str, page: str) -> None:
        said = await talk.say(text, intent)
        assert replies(said) == ["utter_from_page"]
        assert cards(said)[0].startswith(f"/help/{page}")

    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("which ways of delivery are there and what do they cost", "delivery_options"),
            ("how long does standard delivery take", "delivery_period"),
            ("how can I pay", "check_payment_methods"),
            ("what payment methods do you accept", "check_payment_methods"),
            ("do you take gift cards", "check_payment_methods"),
            ("does cancelling cost anything", "check_cancellation_fee"),
            ("how can I contact you", "contact_customer_service"),
            ("how long is the warranty", "warranty"),
        ],
    )
    async def test_a_general_question_keeps_the_general_answer(
        self, talk: Conversation, text: str, intent: str
    ) -> None:
        assert replies(await talk.say(text, intent)) == [f"utter_{intent}"]

    async def test_a_button_asks_for_the_general_answer(self, talk: Conversation) -> None:
        said = await talk.say("can I book a time slot for the delivery?", "delivery_options", confidence=1.0)
        assert replies(said) == ["utter_delivery_options"]

    async def test_a_fact_of_the_catalogue_is_said_from_there(self, talk: Conversation) -> None:
        said = await talk.say(
            "how long does the battery of the Drift 5 last", "product_question", product="HV-HP-01"
        )
        assert replies(said) == ["utter_product_question"]
        assert "38" in said[0]["text"]

    async def test_who_wants_to_know_all_of_a_product_sees_its_data_sheet(self, talk: Conversation) -> None:
        said = await talk.say("tell me more about the glass kettle", "product_question", product="HV-KT-01")
        assert replies(said) == ["utter_product_question"]

    @pytest.mark.parametrize("text", ["my kettle is broken", "vacuum not working", "air fryer broken"])
    async def test_for_what_just_does_not_work_there_are_first_steps(
        self, talk: Conversation, text: str
    ) -> None:
        assert replies(await talk.say(text, "technical_support")) == ["utter_technical_help"]

    async def test_the_months_of_a_product_are_said_from_the_catalogue(self, talk: Conversation) -> None:
        said = await talk.say("how long is the warranty on the router?", "warranty", product="HV-NW-01")
        assert replies(said) == ["utter_warranty"]

    async def test_first_steps_for_the_very_problem_come_first(self, talk: Conversation) -> None:
        said = await talk.say("my headphones won't pair", "technical_support")
        assert replies(said) == ["utter_technical_help"]

    async def test_who_has_tried_the_steps_gets_a_person_and_no_page(self, talk: Conversation) -> None:
        await talk.say("my vacuum is broken", "technical_support", product="HV-VC-01")
        said = await talk.say("I tried that, it still has no suction", "technical_support")
        assert replies(said) == ["utter_offer_person"]


class TestBesideAForm:
    @pytest.fixture
    async def cancelling(self, executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
        maria = Conversation(executor, MARIA, consent=None)
        await owned(maria.conversation_id)
        await maria.say("cancel order RP-100102", "cancel_order", order_id="RP-100102")
        return maria

    @pytest.mark.parametrize(
        ("text", "intent", "confidence"),
        [
            ("do you match other shops' prices?", "out_of_scope", 0.4),
            ("what about gift cards, how long do they last", "check_payment_methods", 0.37),
            ("can I book a time slot for the delivery?", "delivery_options", 0.95),
        ],
    )
    async def test_a_question_is_answered_and_the_form_asks_its_own_again(
        self, cancelling: Conversation, text: str, intent: str, confidence: float
    ) -> None:
        said = await cancelling.say(text, intent, confidence=confidence)
        assert replies(said) == ["utter_from_page", "utter_ask_confirm_again"]
        assert "Did that help" not in said[0]["text"]
        assert said[0]["custom"]["quick_replies"] == []
        assert replies(await cancelling.say("yes", "affirm")) == ["utter_cancel_done"]

    @pytest.mark.parametrize("text", ["sing me a song", "the whole price matching thing annoys me"])
    async def test_what_is_no_question_is_not(self, cancelling: Conversation, text: str) -> None:
        said = await cancelling.say(text, "out_of_scope")
        assert cancelling.form == "cancel_order_form"
        assert "utter_from_page" not in replies(said)
