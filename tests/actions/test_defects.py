"""Something is broken: first steps one by one, then repair, replacement or return, by the shop's policy."""

from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies

World = psycopg.Connection[Any]
ARRIVED = "RP-100104"  # Maria's, delivered nine days ago: a kettle (HV-KT-01) and a toaster (HV-KT-03)


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, "C000001", consent=None)
    await owned(conversation.conversation_id)
    return conversation


def cases(world: World) -> list[tuple[str, str, str]]:
    return world.execute("SELECT sku, remedy, status FROM shop.cases ORDER BY case_id").fetchall()


def titles(messages: list[dict[str, Any]]) -> list[str]:
    return [quick["title"] for quick in messages[-1]["custom"]["quick_replies"]]


async def report(conversation: Conversation, words: str = "my kettle won't turn on any more") -> Any:
    return await conversation.say(words, "report_defect", order_id=ARRIVED, product="HV-KT-01")


class TestSteps:
    async def test_they_come_one_after_another_until_one_helps(
        self, maria: Conversation, shop_world: World
    ) -> None:
        first = await report(maria)
        assert replies(first) == ["utter_sorry_for_defect", "utter_try_step"]
        second = await maria.press("It didn't help", first)
        assert "step 2" in second[0]["text"]
        assert second[0]["text"] != first[1]["text"]
        solved = await maria.say("yes it works now, brilliant", "affirm")
        assert replies(solved) == ["utter_defect_solved"]
        assert decision(solved)["interaction"]["outcome"] == "resolved"
        assert maria.form is None
        assert cases(shop_world) == []

    @pytest.mark.parametrize(
        ("words", "intent"),
        [("no", "deny"), ("still dead", "technical_support"), ("nope, same as before", "inform")],
    )
    async def test_no_change_in_any_words_is_no_refusal(
        self, maria: Conversation, words: str, intent: str
    ) -> None:
        await report(maria)
        said = await maria.say(words, intent)
        assert replies(said) == ["utter_try_step"]

    async def test_for_another_item_they_begin_anew(self, maria: Conversation) -> None:
        await report(maria)
        said = await maria.say("no, that's the toaster, sorry", "deny")
        assert replies(said) == ["utter_try_step"]
        assert "step 1" in said[0]["text"]

    async def test_who_has_tried_it_all_is_asked_what_they_would_like(self, maria: Conversation) -> None:
        first = await report(maria)
        said = await maria.press("I tried all that", first)
        assert replies(said) == ["utter_ask_remedy"]
        assert titles(said) == ["Replace it", "Repair it", "Send it back for a refund"]

    async def test_what_came_in_pieces_needs_no_steps(self, maria: Conversation) -> None:
        said = await report(maria, "the kettle arrived cracked down one side")
        assert replies(said) == ["utter_sorry_for_defect", "utter_ask_remedy"]

    async def test_a_question_in_between_is_answered_and_the_step_asked_again(
        self, maria: Conversation
    ) -> None:
        await report(maria)
        said = await maria.say("what are your opening hours", "contact_customer_service")
        assert replies(said) == ["utter_contact_customer_service", "utter_try_step"]


class TestRemedies:
    async def test_a_case_is_opened_once_after_a_yes(self, maria: Conversation, shop_world: World) -> None:
        await report(maria, "the kettle arrived cracked down one side")
        summary = await maria.say("a new one please", "inform")
        assert replies(summary) == ["utter_confirm_case"]
        assert "cracked down one side" in summary[0]["text"]
        corrected = await maria.say("actually, can you repair it instead", "technical_support")
        assert "repair" in corrected[0]["text"]
        assert cases(shop_world) == []
        done = await maria.say("yes", "affirm")
        assert replies(done) == ["utter_case_opened"]
        assert cases(shop_world) == [("HV-KT-01", "repair", "open")]
        again = await report(maria)
        assert replies(again)[-1] == "utter_no_remedy"
        assert maria.form is None

    async def test_a_return_goes_on_with_what_was_told(self, maria: Conversation, shop_world: World) -> None:
        await report(maria, "the kettle arrived cracked down one side")
        summary = await maria.say("send it back for a refund", "return_item")
        assert replies(summary) == ["utter_confirm_return"]
        assert "Clearwater" in summary[0]["text"]
        assert replies(await maria.say("yes", "affirm")) == ["utter_return_done"]

    async def test_after_the_policys_days_no_replacement_or_return_is_offered(
        self, maria: Conversation, shop_world: World
    ) -> None:
        shop_world.execute(
            "UPDATE shop.orders SET delivered_at = delivered_at - interval '200 days' WHERE order_id = %s",
            (ARRIVED,),
        )
        said = await report(maria, "the kettle leaks, the seam is cracked")
        assert replies(said) == ["utter_sorry_for_defect", "utter_confirm_case"]
        assert "repair" in said[-1]["text"]

    async def test_after_the_warranty_nothing_is_promised(
        self, maria: Conversation, shop_world: World
    ) -> None:
        shop_world.execute(
            "UPDATE shop.orders SET delivered_at = delivered_at - interval '9 years' WHERE order_id = %s",
            (ARRIVED,),
        )
        said = await report(maria)
        assert replies(said) == ["utter_sorry_for_defect", "utter_no_remedy"]
        assert "Talk to a person" in titles(said)

    async def test_what_has_not_arrived_is_not_reported(self, maria: Conversation) -> None:
        said = await maria.say("the lamp is broken", "report_defect", order_id="RP-100102")
        assert replies(said)[-1] == "utter_not_delivered_yet"


class TestWarranty:
    async def test_of_ones_own_thing_the_day_is_told(self, maria: Conversation) -> None:
        said = await maria.say(
            "is my kettle still under warranty", "warranty", product="HV-KT-01", order_id=ARRIVED
        )
        assert replies(said) == ["utter_item_warranty"]
        assert "covered until" in said[0]["text"]
        assert "Toaster" not in said[0]["text"]

    async def test_in_general_it_is_what_the_catalogue_says(self, executor: ActionExecutor) -> None:
        visitor = Conversation(executor)
        said = await visitor.say("how long is the guarantee on the drift 5", "warranty", product="HV-HP-01")
        assert replies(said) == ["utter_warranty"]
        assert "24 months" in said[0]["text"]
        assert visitor.form is None

    async def test_a_visitor_says_who_they_are_before_anything_of_an_order_is_told(
        self, executor: ActionExecutor
    ) -> None:
        visitor = Conversation(executor)
        said = await visitor.say("is my kettle from RP-100104 covered", "warranty", order_id=ARRIVED)
        assert replies(said) == ["utter_ask_email"]
        assert "Clearwater" not in str(said)


class TestThingsNotBoughtHere:
    async def test_it_is_said_that_it_is_in_none_of_the_orders(self, maria: Conversation) -> None:
        said = await maria.say("my soundbar has gone dead", "report_defect", product="HV-AU-01")
        assert replies(said) == ["utter_sorry_for_defect", "utter_thing_not_found"]
        assert "Thrumm Longboard Soundbar among your orders" in said[1]["text"]
        assert titles(said)[-2:] == ["Go on without an order", "Talk to a person"]
        assert any(ARRIVED in title for title in titles(said))
        assert maria.form == "report_defect_form"

    async def test_a_word_that_the_catalogue_lacks_is_not_replaced_either(self, maria: Conversation) -> None:
        said = await maria.say("my sewing machine is broken", "report_defect", product="sewing machine")
        assert "sewing machine" in said[1]["text"]
        assert replies(said)[1] == "utter_thing_not_found"

    async def test_a_chosen_order_is_gone_on_with(self, maria: Conversation) -> None:
        said = await maria.say("my soundbar has gone dead", "report_defect", product="HV-AU-01")
        order = next(title for title in titles(said) if ARRIVED in title)
        assert replies(await maria.press(order, said)) == ["utter_ask_which_item"]

    async def test_without_an_order_there_are_first_steps(self, maria: Conversation) -> None:
        said = await maria.say("my soundbar has gone dead", "report_defect", product="HV-AU-01")
        helped = await maria.press("Go on without an order", said)
        assert replies(helped) == ["utter_technical_help"]
        assert "Soundbar" in helped[0]["text"]
        assert maria.form is None

    async def test_a_thing_that_is_not_in_the_named_order_is_asked_about(self, maria: Conversation) -> None:
        said = await maria.say(
            "the kettle of RP-100102 is broken", "report_defect", order_id="RP-100102", product="HV-KT-01"
        )
        assert replies(said)[1:] == ["utter_thing_in_other_order", "utter_choose_order"]
        right = next(title for title in titles(said) if ARRIVED in title)
        assert "RP-100102" not in str((await maria.press(right, said))[0]["text"])

    @pytest.mark.parametrize("intent", ["return_item", "warranty"])
    async def test_returns_and_warranty_ask_as_well(self, maria: Conversation, intent: str) -> None:
        said = await maria.say("about my soundbar, I want to claim", intent, product="HV-AU-01")
        assert "utter_thing_not_found" in replies(said)

    async def test_of_a_visitor_the_thing_is_looked_for_when_the_order_is_known(
        self, executor: ActionExecutor, shop_world: World
    ) -> None:
        visitor = Conversation(executor)
        await visitor.say("my soundbar has gone dead", "report_defect", product="HV-AU-01")
        await visitor.say(ARRIVED, "inform", order_id=ARRIVED)
        said = await visitor.say("maria.hartley@example.com", "inform", email="maria.hartley@example.com")
        assert replies(said) == ["utter_thing_not_found"]
        assert f"Soundbar in {ARRIVED}" in said[0]["text"]

    async def test_another_name_for_what_was_bought_is_understood(self, maria: Conversation) -> None:
        said = await maria.say("my toaster won't pop up", "report_defect", product="HV-KT-02")
        assert "utter_thing_not_found" not in replies(said)
