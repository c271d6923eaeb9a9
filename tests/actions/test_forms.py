"""Tracking, cancelling, returning: what is asked, checked, shown and done, with a real shop."""

from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies

MARIA = "C000001"  # RP-100101 processing, 100102 packed, 100103 shipped, 100104 delivered
MARIAS_ADDRESS = "maria.hartley@example.com"
OF_DEREK = "RP-100201"
World = psycopg.Connection[Any]


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    return conversation


@pytest.fixture
async def visitor(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor)
    await owned(conversation.conversation_id)
    return conversation


def status(world: World, order_id: str) -> str:
    row = world.execute("SELECT status FROM shop.orders WHERE order_id = %s", (order_id,)).fetchone()
    assert row is not None
    return str(row[0])


def returns(world: World) -> int:
    row = world.execute("SELECT count(*) FROM shop.returns WHERE order_id = 'RP-100104'").fetchone()
    assert row is not None
    return int(row[0])


class TestTracking:
    async def test_a_named_order_is_shown_at_once(self, maria: Conversation) -> None:
        said = await maria.say("where is RP-100103", "track_order", order_id="RP-100103")
        assert replies(said) == ["utter_order_status"]
        assert "RP-100103" in said[0]["text"]
        [card] = said[0]["custom"]["cards"]
        assert (card["kind"], card["status"]) == ("order", "shipped")
        assert card["eta"]
        assert decision(said)["interaction"] == {"issue": "order", "outcome": "answered"}
        assert maria.form is None

    @pytest.mark.parametrize("words", ["the second one", "the lamp", "2"])
    async def test_one_of_several_is_chosen_in_ones_own_words(self, maria: Conversation, words: str) -> None:
        asked = await maria.say("where's my stuff", "track_order")
        assert replies(asked) == ["utter_choose_order"]
        assert len(asked[0]["custom"]["quick_replies"]) == 3
        assert "RP-100102" in (await maria.say(words, "inform"))[0]["text"]

    async def test_one_of_several_is_chosen_by_a_button(self, maria: Conversation) -> None:
        asked = await maria.say("where's my stuff", "track_order")
        title = asked[0]["custom"]["quick_replies"][2]["title"]
        assert "RP-100103" in (await maria.press(title, asked))[0]["text"]

    async def test_somebody_elses_order_is_refused_in_the_words_for_an_unknown_one(
        self, maria: Conversation
    ) -> None:
        foreign = await maria.say("where is it", "track_order", order_id=OF_DEREK)
        await maria.say("stop", "deny")
        unknown = await maria.say("then this", "track_order", order_id="RP-999999")
        assert foreign[0]["text"].replace(OF_DEREK, "X") == unknown[0]["text"].replace("RP-999999", "X")
        assert foreign[0]["custom"]["cards"] == []
        assert "Derek" not in str(foreign)

    async def test_three_useless_answers_offer_a_person_instead_of_a_loop(self, maria: Conversation) -> None:
        await maria.say("where's my stuff", "track_order")
        said = await maria.say("hmm", "out_of_scope")
        assert replies(said) == ["utter_not_understood", "utter_choose_order"]
        assert replies(await maria.say("hmm", "out_of_scope")) == ["utter_what_would_help"]
        assert replies(await maria.say("hmm", "out_of_scope")) == ["utter_offer_person"]
        assert maria.form is None
        handed = await maria.say("yes", "affirm")
        assert decision(handed)["handoff"] == {"reason": "customer asked"}


class TestCancelling:
    async def test_it_summarises_asks_and_acts_on_yes(self, maria: Conversation, shop_world: World) -> None:
        summary = await maria.say("cancel RP-100101", "cancel_order", order_id="RP-100101")
        assert replies(summary) == ["utter_confirm_cancel"]
        assert "£" in summary[0]["text"]
        assert status(shop_world, "RP-100101") == "processing"
        done = await maria.press("Yes, cancel it", summary)
        assert replies(done) == ["utter_cancel_done"]
        assert status(shop_world, "RP-100101") == "cancelled"
        assert decision(done)["interaction"] == {"issue": "order", "outcome": "resolved"}
        assert maria.form is None

    @pytest.mark.parametrize(
        ("words", "intent"),
        [("no", "deny"), ("stop", "out_of_scope"), ("forget it", "inform"), ("bye", "goodbye")],
    )
    async def test_no_ends_it_without_acting(
        self, maria: Conversation, shop_world: World, words: str, intent: str
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        await maria.say(words, intent)
        assert maria.form is None
        await maria.say("yes", "affirm")
        assert status(shop_world, "RP-100101") == "processing"

    @pytest.mark.parametrize("words", ["no idea", "don't have it here", "no, the other one"])
    async def test_not_knowing_is_no_refusal(self, maria: Conversation, words: str) -> None:
        await maria.say("cancel my order", "cancel_order")
        await maria.say(words, "deny")
        assert maria.form == "cancel_order_form"

    @pytest.mark.parametrize("words", ["yes but wait", "ok, don't", "yes, actually not yet"])
    async def test_a_doubtful_yes_is_asked_again(
        self, maria: Conversation, shop_world: World, words: str
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        assert replies(await maria.say(words, "affirm")) == ["utter_ask_confirm_again"]
        assert status(shop_world, "RP-100101") == "processing"

    async def test_another_number_replaces_the_first_and_is_summarised_again(
        self, maria: Conversation, shop_world: World
    ) -> None:
        first = await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        second = await maria.say("no, RP-100102", "deny", order_id="RP-100102")
        assert replies(second) == ["utter_confirm_cancel"]
        # The old button is for the old order: it summarises that one again and cancels nothing.
        assert replies(await maria.press("Yes, cancel it", first)) == ["utter_confirm_cancel"]
        assert {status(shop_world, "RP-100101"), status(shop_world, "RP-100102")} == {"processing", "packed"}

    async def test_thanks_and_greetings_keep_the_question_open(
        self, maria: Conversation, shop_world: World
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        for words, intent in (("thanks", "thank"), ("hello?", "greet"), ("no worries", "deny")):
            said = await maria.say(words, intent)
            assert replies(said) == ["utter_courtesy", "utter_ask_confirm_again"]
        await maria.say("yes", "affirm")
        assert status(shop_world, "RP-100101") == "cancelled"

    async def test_another_wish_leaves_the_form_and_is_served_in_the_same_turn(
        self, maria: Conversation, shop_world: World
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        said = await maria.say("first: where is RP-100103", "track_order", order_id="RP-100103")
        assert replies(said) == ["utter_moving_on", "utter_order_status"]
        assert maria.steps == ["cancel_order_form", "track_order_form"]
        assert replies(await maria.say("yes", "affirm")) == ["utter_nothing_to_confirm"]
        assert status(shop_world, "RP-100101") == "processing"

    async def test_what_has_left_the_shop_is_not_cancelled_and_a_return_is_offered(
        self, maria: Conversation
    ) -> None:
        said = await maria.say("cancel RP-100104", "cancel_order", order_id="RP-100104")
        assert replies(said) == ["utter_cannot_cancel"]
        started = await maria.say("yes", "affirm")
        assert maria.form == "return_item_form"
        assert "RP-100104" in str(started)

    @pytest.mark.parametrize("epoch", [2, None])
    async def test_nothing_is_done_or_said_when_the_owner_changed_or_nobody_knows(
        self, maria: Conversation, shop_world: World, owned: Any, services: Any, epoch: int | None
    ) -> None:
        await maria.say("cancel it", "cancel_order", order_id="RP-100101")
        if epoch is None:
            await services.redis.delete(f"conversation:{maria.conversation_id}:epoch")
        else:
            await owned(maria.conversation_id, epoch)
        assert await maria.say("yes", "affirm") == []
        assert status(shop_world, "RP-100101") == "processing"


class TestReturning:
    async def test_it_asks_for_order_item_and_reason_and_registers_once(
        self, maria: Conversation, shop_world: World
    ) -> None:
        said = await maria.say("I want to send RP-100104 back", "return_item", order_id="RP-100104")
        assert replies(said) == ["utter_choose_items"]
        assert replies(await maria.say("the kettle", "inform")) == ["utter_ask_return_reason"]
        summary = await maria.say("it leaks all over the place", "technical_support")
        assert replies(summary) == ["utter_confirm_return"]
        assert "leaks" in summary[0]["text"]
        assert "Toaster" not in summary[0]["text"]
        assert returns(shop_world) == 0
        done = await maria.say("yes please", "affirm")
        assert replies(done) == ["utter_return_done"]
        assert returns(shop_world) == 1

    async def test_two_items_of_one_order_are_two_returns(
        self, maria: Conversation, shop_world: World
    ) -> None:
        for item in ("kettle", "toaster"):
            await maria.say(f"return the {item} of RP-100104", "return_item", order_id="RP-100104")
            await maria.say("changed my mind", "inform")
            assert replies(await maria.say("yes", "affirm")) == ["utter_return_done"]
        assert returns(shop_world) == 2

    async def test_a_yes_is_no_reason(self, maria: Conversation) -> None:
        await maria.say("send back the kettle of RP-100104", "return_item", order_id="RP-100104")
        assert replies(await maria.say("yes", "affirm")) == ["utter_ask_return_reason"]

    async def test_an_order_on_its_way_cannot_be_returned_yet(self, maria: Conversation) -> None:
        said = await maria.say("return RP-100103", "return_item", order_id="RP-100103")
        assert replies(said) == ["utter_cannot_return"]
        assert "not been delivered" in said[0]["text"]


class TestVisitors:
    async def test_number_and_address_come_step_by_step(
        self, visitor: Conversation, shop_world: World
    ) -> None:
        assert replies(await visitor.say("I need to return something", "return_item")) == [
            "utter_ask_order_id"
        ]
        assert "utter_detail_noted" in replies(await visitor.say("Ada Byron", "inform", person="Ada Byron"))
        early = await visitor.say("it was too small", "inform")
        assert replies(early) == ["utter_reason_noted", "utter_ask_order_id"]
        assert replies(await visitor.say("RP-100104", "inform", order_id="RP-100104")) == ["utter_ask_email"]
        items = await visitor.say(MARIAS_ADDRESS, "inform", email=MARIAS_ADDRESS)
        assert replies(items) == ["utter_choose_items"]
        summary = await visitor.press("Everything", items)
        assert replies(summary) == ["utter_confirm_return"]
        assert "wrong size" in summary[0]["text"]
        assert replies(await visitor.say("go ahead", "affirm")) == ["utter_return_done"]
        assert returns(shop_world) == 1

    async def test_a_wrong_pair_and_an_unknown_order_are_refused_alike(
        self, executor: ActionExecutor
    ) -> None:
        said = []
        for number in ("RP-100104", "RP-999999"):
            visitor = Conversation(executor)
            await visitor.say("track my order", "track_order")
            await visitor.say(number, "inform", order_id=number)
            refused = [
                await visitor.say("x@example.com", "inform", email="x@example.com"),
                await visitor.say("y@example.com", "inform", email="y@example.com"),
            ]
            assert [replies(messages) for messages in refused] == [["utter_order_not_found"]] * 2
            said.append([messages[0]["text"].replace(number, "X") for messages in refused])
        assert said[0] == said[1]

    async def test_a_corrected_address_is_tried_with_the_number_given_before(
        self, visitor: Conversation
    ) -> None:
        await visitor.say("track RP-100104", "track_order", order_id="RP-100104")
        await visitor.say("m@example.com", "inform", email="m@example.com")
        said = await visitor.say("sorry, " + MARIAS_ADDRESS, "inform", email=MARIAS_ADDRESS)
        assert replies(said) == ["utter_order_status"]

    async def test_a_number_that_cannot_be_ours_is_said_so(self, visitor: Conversation) -> None:
        await visitor.say("status of my refund please", "track_refund")
        said = await visitor.say("7700123456", "inform", order_id="7700123456")
        assert replies(said) == ["utter_not_an_order_id"]
        assert visitor.form == "track_refund_form"

    async def test_payments_are_shown_to_nobody_who_is_not_signed_in(self, visitor: Conversation) -> None:
        said = await visitor.say("why was I charged £94", "billing_inquiry", money="£94.00")
        assert replies(said) == ["utter_payments_need_sign_in"]


class TestRefunds:
    async def test_where_a_refund_is(self, executor: ActionExecutor, shop_world: World) -> None:
        sunita = Conversation(executor, "C000008", consent=None)
        said = await sunita.say("where's my refund", "track_refund")
        assert replies(said) == ["utter_refund_status"]
        assert "RP-100802" in said[0]["text"]

    async def test_the_way_to_the_money_fits_the_order(self, maria: Conversation, shop_world: World) -> None:
        said = await maria.say("money back for RP-100101", "get_refund", order_id="RP-100101")
        assert said[0]["custom"]["quick_replies"][0]["command"]["intent"] == "cancel_order"
        assert replies(await maria.say("yes", "affirm")) == ["utter_confirm_cancel"]
        assert status(shop_world, "RP-100101") == "processing"

    async def test_a_question_about_policy_starts_no_form(self, maria: Conversation) -> None:
        said = await maria.say("what's your return policy?", "return_item")
        assert replies(said) == ["utter_faq"]
        assert "30 days" in said[0]["text"]
        assert maria.form is None
