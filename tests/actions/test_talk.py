"""How people really talk to it: choices in passing, small talk, impatience, asides, a yes or no that names the act."""

import itertools
from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies

World = psycopg.Connection[Any]
MARIA = "C000001"  # RP-100101 processing, 100102 packed, 100103 shipped, 100104 delivered


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    return conversation


@pytest.fixture
async def visitor(executor: ActionExecutor, shop_world: World) -> Conversation:
    return Conversation(executor)


def status(world: World, order_id: str) -> str:
    row = world.execute("SELECT status FROM shop.orders WHERE order_id = %s", (order_id,)).fetchone()
    assert row is not None
    return str(row[0])


class TestChoosing:
    @pytest.mark.parametrize("intent", ["inform", "out_of_scope", "affirm", "complaint", "nlu_fallback"])
    @pytest.mark.parametrize("words", ["the last one", "the second", "the lamp one"])
    async def test_a_choice_counts_whatever_intent_was_understood(
        self, maria: Conversation, words: str, intent: str
    ) -> None:
        await maria.say("where's my parcel", "track_order")
        said = await maria.say(words, intent)
        assert replies(said) == ["utter_order_status"]
        assert len(said[0]["custom"]["cards"]) == 1

    async def test_a_bare_choice_is_none_of_the_wishes_it_resembles(self, maria: Conversation) -> None:
        await maria.say("where's my parcel", "track_order")
        said = await maria.say("the last one", "payment_issue", confidence=0.99)
        assert replies(said) == ["utter_order_status"]

    async def test_a_clear_other_wish_wins_over_a_product_that_it_names(self, maria: Conversation) -> None:
        await maria.say("where's my parcel", "track_order")
        said = await maria.say("no wait, cancel the lamp instead", "cancel_order", confidence=0.97)
        assert replies(said)[0] == "utter_moving_on"
        assert maria.form == "cancel_order_form"

    @pytest.mark.parametrize(("words", "item"), [("the first", 0), ("the last one", 1)])
    async def test_an_item_is_chosen_by_its_place(self, maria: Conversation, words: str, item: int) -> None:
        asked = await maria.say("send RP-100104 back", "return_item", order_id="RP-100104")
        name = asked[0]["custom"]["quick_replies"][item]["title"]
        assert name in (await maria.say(words, "out_of_scope"))[0]["text"]


class TestYesAndNoByName:
    @pytest.mark.parametrize("intent", ["cancel_order", "return_item", "affirm", "deny", "complaint"])
    @pytest.mark.parametrize("words", ["yes cancel it", "Yes, cancel it please!", "ok cancel my order then"])
    async def test_yes_to_cancelling_by_name(
        self, maria: Conversation, shop_world: World, words: str, intent: str
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        assert replies(await maria.say(words, intent)) == ["utter_cancel_done"]
        assert status(shop_world, "RP-100101") == "cancelled"

    async def test_yes_to_a_return_by_name(self, maria: Conversation) -> None:
        await maria.say("send back the kettle of RP-100104", "return_item", order_id="RP-100104")
        await maria.say("changed my mind", "inform")
        assert replies(await maria.say("yes return it please", "get_refund")) == ["utter_return_done"]

    @pytest.mark.parametrize("intent", ["cancel_order", "affirm", "deny", "inform"])
    @pytest.mark.parametrize(
        "words", ["please don't cancel it", "I no longer want to cancel", "I'll keep it"]
    )
    async def test_no_to_cancelling_by_name(
        self, maria: Conversation, shop_world: World, words: str, intent: str
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        assert replies(await maria.say(words, intent)) == ["utter_stopped"]
        assert maria.form is None
        assert status(shop_world, "RP-100101") == "processing"

    async def test_a_plea_not_to_cancel_starts_no_cancelling(self, maria: Conversation) -> None:
        said = await maria.say("please don't cancel my order", "cancel_order")
        assert replies(said) == ["utter_stopped"]
        assert maria.form is None

    async def test_a_reminder_to_cancel_is_no_refusal(self, maria: Conversation) -> None:
        said = await maria.say("don't forget to cancel it", "cancel_order", order_id="RP-100101")
        assert replies(said) == ["utter_confirm_cancel"]

    @pytest.mark.parametrize("words", ["cancel my order", "cancel that", "yes but don't cancel the other"])
    async def test_the_wish_said_again_is_no_yes(
        self, maria: Conversation, shop_world: World, words: str
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        await maria.say(words, "cancel_order")
        assert status(shop_world, "RP-100101") == "processing"


class TestCancelledBefore:
    @pytest.mark.parametrize("charged", [True, False])
    async def test_it_is_said_that_it_is_already_so_and_where_the_money_is(
        self, maria: Conversation, shop_world: World, charged: bool
    ) -> None:
        paid = "captured" if charged else "authorised"
        shop_world.execute("UPDATE shop.payments SET status = %s WHERE order_id = 'RP-100101'", (paid,))
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        done = await maria.say("yes", "affirm")
        assert ("goes back to" in done[0]["text"]) == charged
        assert ("Nothing had been charged" in done[0]["text"]) != charged
        said = await maria.say("cancel RP-100101", "cancel_order", order_id="RP-100101")
        assert replies(said) == ["utter_already_cancelled"]
        assert "already cancelled" in said[0]["text"]
        assert ("The refund of £" in said[0]["text"]) == charged
        assert said[0]["custom"]["quick_replies"] == []
        assert maria.form is None


class TestAgreement:
    @pytest.mark.parametrize("words", ["exactly!", "quite right", "ok", "haha true"])
    async def test_agreeing_after_a_complaint_fetches_nobody_but_asks(
        self, visitor: Conversation, words: str
    ) -> None:
        await visitor.say("not what I call fun", "complaint")
        said = await visitor.say(words, "affirm")
        assert replies(said) == ["utter_ask_person"]
        assert "handoff" not in decision(said)
        assert decision(await visitor.say("yes", "affirm"))["handoff"]

    @pytest.mark.parametrize("words", ["yes please", "go ahead", "put me through"])
    async def test_a_clear_yes_after_a_complaint_fetches_a_person(
        self, visitor: Conversation, words: str
    ) -> None:
        await visitor.say("this is poor", "complaint")
        assert decision(await visitor.say(words, "affirm"))["handoff"]


class TestAsking:
    async def test_a_question_never_comes_twice_in_the_same_words(self, visitor: Conversation) -> None:
        first = await visitor.say("I need to return something", "return_item")
        asked = [first[-1]["text"]]
        for words, intent, entities in (
            ("Ada Byron", "inform", {"person": "Ada Byron"}),
            ("user abyron77", "inform", {}),
            ("dunno", "out_of_scope", {}),
        ):
            said = await visitor.say(words, intent, **entities)
            asked.append(said[-1]["text"])
        assert all(before != after for before, after in itertools.pairwise(asked))
        assert len(asked[1]) < len(asked[0])
        assert not any(again.startswith("Thank") for again in asked[1:])

    async def test_thanks_for_an_address_are_given_once(self, visitor: Conversation) -> None:
        await visitor.say("where's my refund", "track_refund")
        given = await visitor.say("a@example.com", "inform", email="a@example.com")
        assert given[-1]["text"].startswith("Thank you")
        for words in ("no worries", "great", "I see"):
            said = await visitor.say(words, "inform")
            assert not any("Thank" in message["text"] or "welcome" in message["text"] for message in said)
            assert len(said[-1]["text"]) < 90

    async def test_courtesies_are_no_failures(self, visitor: Conversation) -> None:
        await visitor.say("where's my refund", "track_refund")
        for words in ("no worries", "great", "let me know", "cool", "fair enough", "ok"):
            assert replies(await visitor.say(words, "inform"))[0] == "utter_courtesy"
        assert visitor.slots["failures"] == 0
        assert visitor.form == "track_refund_form"

    async def test_who_is_looking_for_the_number_is_given_time(self, visitor: Conversation) -> None:
        await visitor.say("where's my refund", "track_refund")
        assert replies(await visitor.say("one sec, let me find it", "inform")) == ["utter_courtesy"]
        assert visitor.form == "track_refund_form"

    async def test_only_thanks_are_answered_with_youre_welcome(self, visitor: Conversation) -> None:
        await visitor.say("where's my refund", "track_refund")
        assert "welcome" in (await visitor.say("thank you", "thank"))[0]["text"]
        assert "welcome" not in (await visitor.say("great", "thank"))[0]["text"]


class TestRulesForEveryone:
    async def test_how_long_a_refund_takes_is_told_before_the_order_is_known(
        self, visitor: Conversation
    ) -> None:
        said = await visitor.say("how long before my money is refunded", "track_refund")
        assert replies(said) == ["utter_faq", "utter_ask_order_id"]
        for words in ("5 days to a card", "2 to PayPal", "7 to a bank account", "1 to a gift card"):
            assert words in said[0]["text"]

    @pytest.mark.parametrize("words", ["was that inside the 30 days?", "No, I bought it in November."])
    async def test_the_window_is_told_while_a_return_is_spoken_of(
        self, visitor: Conversation, words: str
    ) -> None:
        await visitor.say("I want to return something", "return_item")
        said = await visitor.say(words, "inform")
        assert replies(said) == ["utter_faq", "utter_ask_order_id"]
        assert "30 days" in said[0]["text"]

    async def test_the_window_is_still_meant_when_the_form_has_ended(self, visitor: Conversation) -> None:
        await visitor.say("I want to return something", "return_item")
        await visitor.say("stop", "deny")
        assert "30 days" in (await visitor.say("I got it last month", "inform"))[0]["text"]

    async def test_a_day_alone_means_no_return(self, visitor: Conversation) -> None:
        assert replies(await visitor.say("I bought it in November", "inform")) == ["utter_noted"]

    async def test_a_customers_own_refund_is_looked_up_instead(self, executor: ActionExecutor) -> None:
        sunita = Conversation(executor, "C000008", consent=None)
        said = await sunita.say("how long before my money is refunded", "track_refund")
        assert replies(said) == ["utter_refund_status"]


class TestThingsNobodyAskedFor:
    @pytest.mark.parametrize("words", ["I'm a bronze", "gold member", "we're on the silver tier"])
    async def test_a_membership_is_noted_and_no_failure(self, visitor: Conversation, words: str) -> None:
        await visitor.say("where's my refund", "track_refund")
        said = await visitor.say(words, "out_of_scope", confidence=0.4)
        assert replies(said) == ["utter_detail_noted", "utter_ask_order_id"]
        assert "membership" in said[0]["text"]
        assert visitor.slots["failures"] == 0

    async def test_a_membership_outside_a_form_is_noted_too(self, visitor: Conversation) -> None:
        said = await visitor.say("I'm a bronze", "nlu_fallback", confidence=0.3)
        assert "membership" in said[0]["text"]

    async def test_a_number_to_ring_is_answered_with_the_truth_and_a_person(
        self, visitor: Conversation
    ) -> None:
        await visitor.say("this is poor", "complaint")
        said = await visitor.say("07700 900123", "inform", phone="07700900123")
        assert replies(said) == ["utter_no_call_back"]
        assert "here in the chat" in said[0]["text"]
        assert decision(await visitor.say("yes please", "affirm"))["handoff"]

    @pytest.mark.parametrize("words", ["can you call me back", "I hope to hear from someone soon"])
    async def test_nobody_waits_for_a_call_that_never_comes(self, visitor: Conversation, words: str) -> None:
        assert replies(await visitor.say(words, "out_of_scope")) == ["utter_no_call_back"]
