"""Messages that may mean either of two things, and messages with two wishes."""

from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa_sdk.executor import ActionExecutor

from actions.dialogue.meanings import either
from actions.parts import other_of_two
from tests.actions.conversation import Conversation, decision, replies

MARIA = "C000001"  # RP-100101 processing, 100102 packed, 100103 shipped, 100104 delivered
World = psycopg.Connection[Any]
KNOWN = {"get_refund", "track_refund", "cancel_order", "change_order"}
INTENTS = st.sampled_from([*KNOWN, "affirm", "out_of_scope", "complaint"])


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    return conversation


def offers(messages: list[dict[str, Any]]) -> list[tuple[str, list[str]]]:
    return [
        (quick["command"]["intent"], [entity["value"] for entity in quick["command"]["entities"]])
        for quick in messages[-1]["custom"]["quick_replies"]
    ]


class TestEither:
    @pytest.mark.parametrize(
        ("intent", "alternatives", "expected"),
        [
            ("get_refund", ["get_refund", "track_refund"], ("get_refund", "track_refund")),
            ("get_refund", ["track_refund"], ("get_refund", "track_refund")),
            ("out_of_scope", ["cancel_order", "change_order"], ("cancel_order", "change_order")),
            ("get_refund", [], None),  # clear
            ("get_refund", ["get_refund", "complaint"], None),  # a complaint is not asked about
            ("affirm", ["cancel_order", "change_order"], None),  # a yes is a yes
            ("out_of_scope", ["out_of_scope", "cancel_order"], None),
        ],
    )
    def test_asks_only_between_two_wishes(
        self, intent: str, alternatives: list[str], expected: tuple[str, str] | None
    ) -> None:
        assert either(intent, alternatives, KNOWN) == expected

    @given(INTENTS, st.lists(INTENTS, max_size=4))
    def test_what_is_asked_about_is_two_different_wishes_that_were_near(
        self, intent: str, alternatives: list[str]
    ) -> None:
        near = either(intent, alternatives, KNOWN)
        if near is not None:
            assert len(set(near)) == 2
            assert set(near) <= KNOWN & {intent, *alternatives}

    @given(INTENTS, st.lists(INTENTS, max_size=3))
    def test_the_other_of_two_is_never_the_one_served(self, served: str, wishes: list[str]) -> None:
        other = other_of_two(served, wishes, KNOWN)
        assert other is None or (other != served and other in wishes)


class TestAskingWhich:
    @pytest.mark.parametrize(
        "intent", ["cancel_order", "change_order", "nlu_fallback", "out_of_scope", "payment_issue"]
    )
    async def test_two_near_wishes_are_put_to_the_customer_whatever_would_have_been_done(
        self, maria: Conversation, intent: str
    ) -> None:
        near = (intent, "get_refund")
        if intent in {"nlu_fallback", "out_of_scope"}:
            near = ("change_order", "get_refund")
        said = await maria.say("take one off", intent, between=near, order_id="RP-100101")
        assert replies(said) == ["utter_which_wish"]
        assert offers(said) == [(near[0], ["RP-100101"]), (near[1], ["RP-100101"])]
        assert maria.form is None

    async def test_the_choice_is_served(self, maria: Conversation) -> None:
        said = await maria.say(
            "take RP-100101 off",
            "change_order",
            between=("cancel_order", "change_order"),
            order_id="RP-100101",
        )
        assert "cancel an order" in said[0]["text"]
        assert replies(await maria.press("Cancel an order", said)) == ["utter_confirm_cancel"]

    @pytest.mark.parametrize(
        ("words", "reply"), [("the first", "utter_confirm_cancel"), ("2", "utter_ask_change")]
    )
    @pytest.mark.parametrize("intent", ["inform", "out_of_scope", "nlu_fallback"])
    async def test_the_choice_may_be_typed(
        self, maria: Conversation, words: str, reply: str, intent: str
    ) -> None:
        await maria.say("where is RP-100101", "track_order", order_id="RP-100101")
        await maria.say("take it off", "cancel_order", between=("cancel_order", "change_order"))
        assert replies(await maria.say(words, intent)) == [reply]
        assert replies(await maria.say("the first", "out_of_scope"))[0] != "utter_which_wish"

    async def test_a_frequent_question_needs_no_asking(self, maria: Conversation) -> None:
        said = await maria.say(
            "how long do refunds usually take", "get_refund", between=("get_refund", "track_refund")
        )
        assert replies(said) == ["utter_faq"]

    async def test_in_a_form_what_may_be_about_it_stays_and_other_things_are_asked(
        self, maria: Conversation
    ) -> None:
        await maria.say("cancel my order", "cancel_order")
        stays = await maria.say(
            "no the money part", "track_refund", confidence=0.55, between=("track_refund", "cancel_order")
        )
        assert "utter_moving_on" not in replies(stays)
        asked = await maria.say(
            "the money for the other", "track_refund", confidence=0.55, between=("track_refund", "get_refund")
        )
        assert replies(asked) == ["utter_which_wish"]
        assert maria.form == "cancel_order_form"
        assert replies(await maria.press("Find out where a refund is", asked))[0] == "utter_moving_on"
        assert maria.form != "cancel_order_form"

    async def test_an_answer_to_a_form_is_not_questioned(self, maria: Conversation) -> None:
        await maria.say("where's my parcel", "track_order")
        said = await maria.say(
            "the lamp", "return_item", confidence=0.5, between=("return_item", "get_refund")
        )
        assert replies(said) == ["utter_order_status"]


class TestTwoWishes:
    async def test_what_is_done_at_once_is_followed_by_the_offer_of_the_second(
        self, maria: Conversation
    ) -> None:
        said = await maria.say(
            "where is RP-100103 and cancel RP-100101",
            "track_order",
            wishes=("track_order", "cancel_order"),
            order_id=["RP-100103", "RP-100101"],
        )
        assert replies(said) == ["utter_order_status", "utter_second_wish"]
        assert "RP-100103" in said[0]["text"]
        assert offers(said) == [("cancel_order", ["RP-100101"])]
        summary = await maria.press("Cancel an order", said)
        assert replies(summary) == ["utter_confirm_cancel"]
        assert "RP-100101" in summary[0]["text"]

    async def test_while_the_first_is_worked_on_the_second_is_mentioned_and_offered_at_the_end(
        self, maria: Conversation
    ) -> None:
        begun = await maria.say(
            "cancel RP-100101, and how long does delivery take",
            "cancel_order",
            wishes=("cancel_order", "delivery_period"),
            order_id="RP-100101",
        )
        assert replies(begun) == ["utter_second_wish_later", "utter_confirm_cancel"]
        done = await maria.say("yes", "affirm")
        assert replies(done) == ["utter_cancel_done", "utter_second_wish"]
        assert offers(done) == [("delivery_period", [])]
        assert replies(await maria.say("yes", "affirm")) == ["utter_delivery_period"]
        assert replies(await maria.say("thanks, what can you do", "bot_challenge")) == ["utter_bot_challenge"]

    async def test_what_is_wanted_comes_before_the_complaint_about_it(self, maria: Conversation) -> None:
        said = await maria.say(
            "RIDICULOUS!!! Where the hell is RP-100103",
            "complaint",
            "angry",
            wishes=("complaint", "track_order"),
            order_id="RP-100103",
        )
        assert replies(said) == ["utter_order_status"]

    async def test_who_complains_and_asks_for_a_person_gets_one(self, maria: Conversation) -> None:
        said = await maria.say(
            "This is a disgrace! I have had enough, now get me a PERSON",
            "complaint",
            "angry",
            wishes=("complaint", "contact_human_agent"),
        )
        assert replies(said) == ["utter_handoff"]

    @pytest.mark.parametrize("likeliest", ["delivery_period", "track_order", "payment_issue", "out_of_scope"])
    async def test_the_wish_put_first_is_served_first_whichever_is_likeliest(
        self, maria: Conversation, likeliest: str
    ) -> None:
        said = await maria.say(
            "where is RP-100103 and how long does delivery take",
            likeliest,
            wishes=("track_order", "delivery_period"),
            between=("track_order", "delivery_period"),
            order_id="RP-100103",
        )
        assert replies(said) == ["utter_order_status", "utter_second_wish"]
        told = await Conversation(maria.executor).say(
            "how long does delivery take, and cancel mine",
            "cancel_order",
            wishes=("delivery_period", "cancel_order"),
        )
        assert replies(told) == ["utter_delivery_period", "utter_second_wish"]

    async def test_a_refusal_with_two_wishes_is_still_one(self, maria: Conversation) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        said = await maria.say("no", "deny", wishes=("track_order", "get_refund"))
        assert replies(said) == ["utter_stopped"]

    async def test_a_yes_starts_a_form_for_the_second(self, maria: Conversation) -> None:
        said = await maria.say(
            "how long is delivery, and I want to return something",
            "delivery_period",
            wishes=("delivery_period", "return_item"),
        )
        assert replies(said) == ["utter_delivery_period", "utter_second_wish"]
        await maria.say("yes please", "affirm")
        assert maria.form == "return_item_form"

    async def test_a_change_of_mind_serves_the_first_of_the_new_ones(self, maria: Conversation) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        said = await maria.say(
            "no, first where is RP-100103, then a refund for RP-100104",
            "track_order",
            wishes=("track_order", "get_refund"),
            order_id=["RP-100103", "RP-100104"],
        )
        assert replies(said) == ["utter_moving_on", "utter_order_status", "utter_second_wish"]
        assert offers(said) == [("get_refund", ["RP-100104"])]

    async def test_details_within_a_form_are_no_second_wish(self, maria: Conversation) -> None:
        await maria.say("send back the kettle of RP-100104", "return_item", order_id="RP-100104")
        said = await maria.say(
            "it's broken and I want my money", "report_defect", wishes=("report_defect", "get_refund")
        )
        assert replies(said) == ["utter_confirm_return"]

    @pytest.mark.parametrize(
        ("intent", "wishes"),
        [
            ("contact_human_agent", ("contact_human_agent", "cancel_order")),  # a person reads it all
            ("track_order", ("track_order", "complaint")),
            ("delivery_period", ("delivery_period",)),
        ],
    )
    async def test_nothing_more_is_offered_where_it_makes_no_sense(
        self, maria: Conversation, intent: str, wishes: tuple[str, ...]
    ) -> None:
        said = await maria.say("well", intent, wishes=wishes, order_id="RP-100103")
        assert "utter_second_wish" not in replies(said)
        assert maria.slots["second_wish"] is None

    async def test_who_turns_to_the_second_by_themselves_is_not_offered_it_again(
        self, maria: Conversation
    ) -> None:
        await maria.say(
            "cancel one, and what about delivery", "cancel_order", wishes=("cancel_order", "track_order")
        )
        said = await maria.say(
            "actually tell me where RP-100103 has got to", "track_order", order_id="RP-100103"
        )
        assert replies(said) == ["utter_moving_on", "utter_order_status"]

    async def test_nothing_is_said_over_the_person_who_took_over(
        self, maria: Conversation, owned: Any
    ) -> None:
        await maria.say(
            "cancel RP-100101 and a refund for the rest",
            "cancel_order",
            wishes=("cancel_order", "get_refund"),
            order_id="RP-100101",
        )
        await owned(maria.conversation_id, 2)
        assert await maria.say("yes", "affirm") == []


async def test_the_record_says_what_was_asked(executor: ActionExecutor) -> None:
    said = await Conversation(executor).say(
        "money?", "get_refund", confidence=0.4, between=("get_refund", "track_refund")
    )
    assert decision(said)["path"] == ["get_refund or track_refund: asked which"]
