"""Changing an order and where it goes, and its invoice: asked, corrected, summarised, done once, taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies

World = psycopg.Connection[Any]
HERE = "RP-100101"  # Maria's, processing: a machine (HV-CF-04) and two of HV-CF-06
PACKED = "RP-100102"
SENT = "RP-100103"


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor, "C000001", consent=None)
    await owned(conversation.conversation_id)
    return conversation


@pytest.fixture
async def visitor(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    conversation = Conversation(executor)
    await owned(conversation.conversation_id)
    return conversation


def quantities(world: World, order_id: str = HERE) -> dict[str, int]:
    rows = world.execute("SELECT sku, quantity FROM shop.order_items WHERE order_id = %s", (order_id,))
    return dict(rows.fetchall())


def acts(world: World) -> int:
    row = world.execute("SELECT count(*) FROM shop.acts").fetchone()
    assert row is not None
    return int(row[0])


def next_day(*, sunday: bool = False) -> datetime:
    """A day to which a delivery can be moved; or the Sunday among them."""
    day = datetime.now(UTC) + timedelta(5)
    while (day.weekday() == 6) is not sunday:
        day += timedelta(1)
    return day


class TestItems:
    async def test_a_quantity_is_changed_after_a_summary_and_a_yes(
        self, maria: Conversation, shop_world: World
    ) -> None:
        asked = await maria.say("I need to change my order", "change_order", order_id=HERE)
        assert replies(asked) == ["utter_ask_change"]
        assert replies(await maria.press("More or fewer of something", asked)) == ["utter_ask_which_item"]
        assert replies(await maria.say("the second one", "inform")) == ["utter_ask_quantity"]
        summary = await maria.say("three please", "inform")
        assert replies(summary) == ["utter_confirm_order_change"]
        assert "3 of" in summary[0]["text"]
        assert quantities(shop_world)["HV-CF-06"] == 2
        done = await maria.press("Yes, change it", summary)
        assert replies(done) == ["utter_change_done"]
        assert quantities(shop_world)["HV-CF-06"] == 3
        assert maria.form is None
        assert replies(await maria.press("Undo (within 30 seconds)", done)) == ["utter_undone"]
        assert quantities(shop_world)["HV-CF-06"] == 2

    async def test_all_in_one_message_needs_no_question(self, maria: Conversation) -> None:
        said = await maria.say(
            "make it 3 of them in RP-100101", "change_order", order_id=HERE, product="HV-CF-06"
        )
        assert replies(said) == ["utter_confirm_order_change"]

    async def test_an_earlier_answer_is_corrected_at_the_summary(
        self, maria: Conversation, shop_world: World
    ) -> None:
        await maria.say("one more please", "change_order", order_id=HERE, product="HV-CF-06")
        again = await maria.say("no, make it five", "deny")
        assert replies(again) == ["utter_confirm_order_change"]
        assert "5 of" in again[0]["text"]
        assert acts(shop_world) == 0
        await maria.say("yes", "affirm")
        assert quantities(shop_world)["HV-CF-06"] == 5

    async def test_a_thing_is_taken_out(self, maria: Conversation, shop_world: World) -> None:
        await maria.say("remove one thing", "change_order", order_id=HERE)
        summary = await maria.say("this", "inform", product="HV-CF-06")
        assert "out of RP-100101" in summary[0]["text"]
        await maria.say("yes", "affirm")
        assert "HV-CF-06" not in quantities(shop_world)

    async def test_what_cannot_be_changed_is_said_with_the_way_that_is_left(
        self, maria: Conversation
    ) -> None:
        said = await maria.say("can I have it in a different colour", "change_order", order_id=HERE)
        assert replies(said) == ["utter_change_not_offered"]
        assert maria.form is None
        assert replies(await maria.say("yes", "affirm")) == ["utter_confirm_cancel"]

    async def test_of_a_packed_order_only_the_day_can_be_changed(self, maria: Conversation) -> None:
        said = await maria.say("one more of it", "change_order", order_id=PACKED)
        assert replies(said) == ["utter_only_day_now", "utter_ask_change"]
        assert replies(await maria.say("then the day", "inform")) == ["utter_ask_day"]

    async def test_what_left_is_not_changed(self, maria: Conversation) -> None:
        assert replies(await maria.say("change it", "change_order", order_id=SENT)) == ["utter_refused"]
        assert maria.form is None


class TestDay:
    async def test_it_comes_on_another_day(self, maria: Conversation, shop_world: World) -> None:
        wanted, meant = next_day(), next_day() + timedelta(1 if next_day().weekday() != 5 else 2)
        await maria.say("can you deliver it on another day", "change_order", order_id=PACKED)
        summary = await maria.say(f"{wanted:%A} {wanted.day} {wanted:%B}", "inform")
        assert replies(summary) == ["utter_confirm_order_change"]
        corrected = await maria.say(f"sorry, I meant {meant.day} {meant:%B}", "inform")
        assert f"{meant:%A} {meant.day} {meant:%B}" in corrected[0]["text"]
        assert replies(await maria.say("yes", "affirm")) == ["utter_change_done"]
        row = shop_world.execute(
            "SELECT expected_at FROM shop.orders WHERE order_id = %s", (PACKED,)
        ).fetchone()
        assert row is not None
        assert row[0].date() == meant.date()

    async def test_a_day_without_deliveries_is_refused_with_those_that_can_be_had(
        self, maria: Conversation, shop_world: World
    ) -> None:
        await maria.say("another delivery day please", "change_order", order_id=PACKED)
        sunday = next_day(sunday=True)
        said = await maria.say(f"{sunday.day} {sunday:%B}", "inform")
        assert replies(said) == ["utter_day_not_possible", "utter_ask_day"]
        assert acts(shop_world) == 0


class TestAddress:
    async def test_it_is_gathered_summarised_and_changed(
        self, maria: Conversation, shop_world: World
    ) -> None:
        assert replies(
            await maria.say("wrong address on RP-100101", "change_shipping_address", order_id=HERE)
        ) == ["utter_ask_new_address"]
        summary = await maria.say("22 Mill Lane, Bath, BA1 5NE", "inform")
        assert replies(summary) == ["utter_confirm_address"]
        assert "22 Mill Lane, Bath, BA1 5NE" in summary[0]["text"]
        corrected = await maria.say("no, the postcode is BA1 5NF", "deny")
        assert "BA1 5NF" in corrected[0]["text"]
        done = await maria.say("yes", "affirm")
        assert replies(done) == ["utter_address_changed"]
        assert acts(shop_world) == 1

    async def test_a_visitor_has_to_sign_in_and_hears_nothing_of_the_address(
        self, visitor: Conversation, shop_world: World
    ) -> None:
        said = await visitor.say(
            "send RP-100101 to 22 Mill Lane, Bath, BA1 5NE",
            "change_shipping_address",
            order_id=HERE,
            email="maria.hartley@example.com",
        )
        assert replies(said) == ["utter_address_needs_sign_in"]
        assert "Orchard" not in str(said)
        assert visitor.form is None
        assert acts(shop_world) == 0

    async def test_a_packed_order_keeps_its_address(self, maria: Conversation) -> None:
        said = await maria.say("other address", "change_shipping_address", order_id=PACKED)
        assert replies(said) == ["utter_refused"]
        assert "packed" in said[0]["text"]


class TestInvoices:
    async def test_it_is_sent_with_a_companys_name(self, maria: Conversation, shop_world: World) -> None:
        asked = await maria.say("I need an invoice for my company", "get_invoice", order_id="RP-100104")
        assert replies(asked) == ["utter_ask_bill_to"]
        summary = await maria.say("Hartley Design Ltd", "inform")
        assert "billed to Hartley Design Ltd" in summary[0]["text"]
        sent = await maria.press("Yes, e-mail it", summary)
        assert replies(sent) == ["utter_invoice_sent"]
        assert "m•••@example.com" in sent[0]["text"]

    async def test_it_is_shown_line_by_line(self, maria: Conversation) -> None:
        said = await maria.say("what is on my invoice", "check_invoice", order_id="RP-100104")
        assert replies(said) == ["utter_invoice"]
        assert "VAT" in said[0]["text"]
        assert maria.form is None

    async def test_without_one_it_is_said_why(self, maria: Conversation) -> None:
        said = await maria.say("invoice please", "get_invoice", order_id=HERE)
        assert replies(said) == ["utter_no_invoice"]
        assert maria.form is None

    async def test_a_visitor_says_who_they_are_first(self, visitor: Conversation) -> None:
        asked = await visitor.say("send me the invoice for RP-100104", "get_invoice", order_id="RP-100104")
        assert replies(asked) == ["utter_ask_email"]
        wrong = await visitor.say("someone@example.com", "inform", email="someone@example.com")
        assert replies(wrong) == ["utter_order_not_found"]
        assert "£" not in str(asked) + str(wrong)


class TestChoosingAnother:
    async def test_the_other_of_two_is_meant(self, maria: Conversation) -> None:
        asked = await maria.say("cancel my order", "cancel_order")
        assert replies(asked) == ["utter_choose_order"]
        first = await maria.say("the first one", "inform")
        assert HERE in first[0]["text"]
        other = await maria.say("no, the other order", "deny")
        assert replies(other) == ["utter_confirm_cancel"]
        assert PACKED in other[0]["text"]

    async def test_a_thing_in_another_order_names_it(self, maria: Conversation) -> None:
        await maria.say("cancel it", "cancel_order", order_id=HERE)
        other = await maria.say("no, I meant the lamp", "deny", product="HV-LP-02")
        assert PACKED in other[0]["text"]

    async def test_a_thing_that_is_denied_is_not_the_one(self, maria: Conversation) -> None:
        await maria.say("send RP-100104 back", "return_item", order_id="RP-100104")
        await maria.say("the kettle", "inform")
        await maria.say("it leaks", "inform")
        corrected = await maria.say("not the kettle, the toaster", "inform")
        assert replies(corrected) == ["utter_confirm_return"]
        assert "Toaster" in corrected[0]["text"]
        assert "Clearwater" not in corrected[0]["text"]

    async def test_a_correction_is_no_reason(self, maria: Conversation) -> None:
        await maria.say("return something from RP-100104", "return_item", order_id="RP-100104")
        await maria.say("the kettle", "inform")
        corrected = await maria.say("actually the toaster instead", "inform")
        assert replies(corrected) == ["utter_ask_return_reason"]
        assert "Toaster" in corrected[0]["text"]
        summary = await maria.say("it burns one side only", "inform")
        assert replies(summary) == ["utter_confirm_return"]
        assert "burns one side" in summary[0]["text"]

    async def test_a_correction_may_bring_its_reason_along(self, maria: Conversation) -> None:
        await maria.say("return something from RP-100104", "return_item", order_id="RP-100104")
        await maria.say("the kettle", "inform")
        summary = await maria.say("sorry, the toaster, it's faulty", "inform")
        assert replies(summary) == ["utter_confirm_return"]
        assert "faulty" in summary[0]["text"]


class TestBeginningAnew:
    @pytest.mark.parametrize("words", ["start again", "can we start over please", "from the beginning"])
    async def test_all_answers_are_forgotten(
        self, maria: Conversation, shop_world: World, words: str
    ) -> None:
        await maria.say("one more please", "change_order", order_id=HERE, product="HV-CF-06")
        again = await maria.say(words, "out_of_scope")
        assert replies(again)[0] == "utter_restarted"
        assert maria.slots["order_id"] is None
        assert maria.form == "change_order_form"
        await maria.say("yes", "affirm")
        assert acts(shop_world) == 0

    async def test_a_fault_from_the_beginning_is_no_restart(self, maria: Conversation) -> None:
        await maria.say("RP-100104 send back the kettle", "return_item", order_id="RP-100104")
        said = await maria.say("it was odd from the beginning", "inform")
        assert "utter_restarted" not in replies(said)


async def test_the_record_tells_an_agent_how_far_the_form_is(maria: Conversation) -> None:
    said = await maria.say("more please", "change_order", order_id=HERE, product="HV-CF-06")
    assert decision(said)["form"] == {
        "intent": "change_order",
        "title": "Change an order",
        "filled": [
            {"name": "order_id", "label": "Order", "value": HERE},
            {"name": "change", "label": "Change", "value": "quantity"},
            {"name": "item", "label": "Item", "value": "HV-CF-06"},
        ],
        "missing": [{"name": "quantity", "label": "New quantity"}],
    }
    assert "form" not in decision(await maria.say("forget it", "deny"))
