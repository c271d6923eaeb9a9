"""Two wishes in one message: each keeps the order and the product that stand with it."""

from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa_sdk.executor import ActionExecutor

from actions.parts import Named, number_meant, of_part, parts, wish_besides, wishes_shown
from tests.actions.conversation import Conversation, replies

MARIA = "C000001"  # RP-100101 processing, 100102 packed, 100103 shipped, 100104 delivered


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: psycopg.Connection[Any]) -> Conversation:
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    return conversation


def at(text: str, *values: str) -> list[Named]:
    return [Named(value, text.index(value)) for value in values]


class TestParts:
    @pytest.mark.parametrize(
        ("text", "wishes", "expected"),
        [
            (
                "cancel RP-100001 and tell me where RP-100002 is",
                ["cancel_order", "track_order"],
                [["RP-100001"], ["RP-100002"]],
            ),
            (
                "Hi there. First, I want to return RP-100001. And please cancel RP-100002",
                ["return_item", "cancel_order"],
                [["RP-100001"], ["RP-100002"]],
            ),
            (
                "where has it got to? I mean RP-100001. Also an invoice for RP-100002 please",
                ["track_order", "get_invoice"],
                [["RP-100001"], ["RP-100002"]],
            ),
            (
                "when do you deliver on Sundays, and cancel RP-100001 please",
                ["delivery_options", "cancel_order"],
                [[], ["RP-100001"]],
            ),
            (
                "cancel RP-100001 and send me its invoice",
                ["cancel_order", "get_invoice"],
                [["RP-100001"], []],
            ),
            (
                "where is RP-100001 and if it is late, cancel it",
                ["track_order", "cancel_order"],
                [["RP-100001"], ["RP-100001"]],
            ),
        ],
    )
    def test_a_number_belongs_to_the_wish_of_its_clause(
        self, text: str, wishes: list[str], expected: list[list[str]]
    ) -> None:
        numbers = [Named(n, text.index(n)) for n in ("RP-100001", "RP-100002") if n in text]
        divided = parts(text, wishes)
        assert [of_part(numbers, wish, divided, text) for wish in wishes] == expected

    @given(
        st.text(max_size=80),
        st.lists(
            st.sampled_from(["cancel_order", "track_order", "get_invoice", "complaint"]),
            min_size=1,
            max_size=4,
            unique=True,
        ),
    )
    def test_the_parts_are_the_whole_message_in_the_order_of_the_wishes(
        self, text: str, wishes: list[str]
    ) -> None:
        divided = parts(text, wishes)
        assert [part.wish for part in divided] == wishes
        assert "".join(text[part.start : part.end] for part in divided) == text

    @pytest.mark.parametrize(
        ("text", "understood", "expected"),
        [
            ("cancel RP-1 and tell me where RP-2 is", "cancel_order", ["cancel_order", "track_order"]),
            ("where is RP-1 and send me the invoice for RP-2", "get_invoice", ["track_order", "get_invoice"]),
            ("cancel RP-1 and RP-2", "cancel_order", []),
            ("where is RP-1 and when will RP-2 come", "track_order", []),
            ("cancel RP-1 and tell me where RP-2 is", "complaint", []),
        ],
    )
    def test_a_wish_that_was_missed_shows_by_its_words(
        self, text: str, understood: str, expected: list[str]
    ) -> None:
        assert wishes_shown(text, understood, at(text, "RP-1", "RP-2")) == expected

    @pytest.mark.parametrize(
        ("text", "understood", "expected"),
        [
            ("where is RP-1 and can I return the kettle", "return_item", ["track_order", "return_item"]),
            (
                "Where is order RP-1? And which cards do you take?",
                "check_payment_methods",
                ["track_order", "check_payment_methods"],
            ),
            (
                "do you deliver on Sundays, and please cancel RP-1",
                "delivery_options",
                ["delivery_options", "cancel_order"],
            ),
            ("where is RP-1? This is a disgrace", "complaint", ["track_order", "complaint"]),
            # Who is angry and asks where the parcel is wants the parcel; who only tells of it complains.
            ("WHAT A JOKE!! Where on earth is my parcel, you lot", "complaint", ["track_order", "complaint"]),
            ("where the heck is my order you clowns", "complaint", ["track_order", "complaint"]),
            ("nobody could tell me where my parcel was", "complaint", []),
            ("where is the manager of this place", "complaint", []),
            # What has happened is no wish, nor is what only says more of the one wish.
            ("RP-1 arrived but the kettle is cracked", "report_defect", []),
            ("I returned RP-1 last week. Where is my money", "track_refund", []),
            ("I cancelled RP-1, when do I get my refund", "track_refund", []),
            ("I paid for RP-1 twice. What is going on", "billing_inquiry", []),
            ("where is RP-1? I need it by tomorrow", "delivery_options", []),
            ("where is RP-1, and when will it come", "delivery_period", []),
            ("cancel RP-1 and give me my money back", "get_refund", []),
            ("where is RP-1 and which day will it be", "track_order", []),
            ("where is RP-1? what a day", "greet", []),
            ("can I return the kettle", "return_item", []),
        ],
    )
    def test_a_wish_beside_the_one_understood_shows_by_its_number(
        self, text: str, understood: str, expected: list[str]
    ) -> None:
        known = {"return_item", "track_order", "cancel_order", "check_payment_methods", "delivery_options"}
        known |= {"delivery_period", "track_refund", "get_refund", "billing_inquiry", "report_defect"}
        numbers = at(text, "RP-1") if "RP-1" in text else []
        assert wish_besides(text, understood, numbers, known) == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("RP-1 and RP-2", "RP-1"), ("RP-1, sorry, RP-2", "RP-2"), ("RP-1, no wait I meant RP-2", "RP-2")],
    )
    def test_of_two_numbers_the_first_comes_first_unless_it_is_put_right(
        self, text: str, expected: str
    ) -> None:
        assert number_meant(["RP-1", "RP-2"], text) == expected


class TestTwoOrders:
    @pytest.mark.parametrize("wishes", [("cancel_order", "track_order"), ()])
    @pytest.mark.parametrize("answer", ["yes", "press"])
    async def test_the_first_is_served_with_its_number_then_the_second_with_its_own(
        self, maria: Conversation, wishes: tuple[str, ...], answer: str
    ) -> None:
        begun = await maria.say(
            "cancel RP-100101 and tell me where RP-100103 is",
            "cancel_order",
            wishes=wishes,
            order_id=["RP-100101", "RP-100103"],
        )
        assert replies(begun) == ["utter_second_wish_later", "utter_confirm_cancel"]
        assert "RP-100101" in begun[1]["text"]
        done = await maria.say("yes", "affirm")
        assert replies(done) == ["utter_cancel_done", "utter_second_wish"]
        assert "RP-100101" in done[0]["text"]
        assert "RP-100103" in done[1]["text"]
        if answer == "yes":
            shown = await maria.say("yes please", "affirm")
        else:
            shown = await maria.press("Track an order", done)
        assert replies(shown) == ["utter_order_status"]
        assert "RP-100103" in shown[0]["text"]
        assert maria.slots["second_wish"] is None

    async def test_the_likelier_second_does_not_take_the_number_of_the_first(
        self, maria: Conversation
    ) -> None:
        said = await maria.say(
            "where is RP-100103 and please cancel RP-100101",
            "cancel_order",
            order_id=["RP-100103", "RP-100101"],
        )
        assert replies(said) == ["utter_order_status", "utter_second_wish"]
        assert "RP-100103" in said[0]["text"]
        summary = await maria.say("yes", "affirm")
        assert replies(summary) == ["utter_confirm_cancel"]
        assert "RP-100101" in summary[0]["text"]

    async def test_the_number_of_a_wish_that_was_missed_is_not_taken_for_the_other(
        self, maria: Conversation
    ) -> None:
        said = await maria.say(
            "where is RP-100103 and can I return the kettle",
            "return_item",
            order_id="RP-100103",
            product="HV-KT-01",
        )
        assert replies(said) == ["utter_order_status", "utter_second_wish"]
        assert "RP-100103" in said[0]["text"]
        assert replies(await maria.say("yes", "affirm")) == ["utter_ask_return_reason"]
        assert maria.slots["order_id"] == "RP-100104"

    async def test_a_question_beside_an_order_is_answered_after_it(self, maria: Conversation) -> None:
        said = await maria.say(
            "Where is order RP-100103? And which payment methods do you take?",
            "check_payment_methods",
            order_id="RP-100103",
        )
        assert replies(said) == ["utter_order_status", "utter_second_wish"]
        assert replies(await maria.say("yes please", "affirm")) == ["utter_check_payment_methods"]

    async def test_one_wish_for_two_orders_is_served_one_after_the_other(self, maria: Conversation) -> None:
        begun = await maria.say(
            "cancel RP-100101 and RP-100102", "cancel_order", order_id=["RP-100101", "RP-100102"]
        )
        assert replies(begun) == ["utter_second_wish_later", "utter_confirm_cancel"]
        assert "RP-100101" in begun[1]["text"]
        done = await maria.say("yes cancel it", "cancel_order")
        assert replies(done) == ["utter_cancel_done", "utter_second_wish"]
        summary = await maria.say("yes", "affirm")
        assert replies(summary) == ["utter_confirm_cancel"]
        assert "RP-100102" in summary[0]["text"]

    async def test_each_of_three_orders_comes_in_its_turn(self, maria: Conversation) -> None:
        numbers = ["RP-100101", "RP-100102", "RP-100103"]
        said = await maria.say(f"track {', '.join(numbers)}", "track_order", order_id=numbers)
        for number in numbers[1:]:
            assert replies(said) == ["utter_order_status", "utter_second_wish"]
            assert number in said[1]["text"]
            said = await maria.say("yes", "affirm")
            assert number in said[0]["text"]
        assert replies(said) == ["utter_order_status"]

    async def test_a_number_that_is_put_right_is_the_one_that_counts(self, maria: Conversation) -> None:
        said = await maria.say(
            "where is RP-100102, sorry, RP-100103", "track_order", order_id=["RP-100102", "RP-100103"]
        )
        assert replies(said) == ["utter_order_status"]
        assert "RP-100103" in said[0]["text"]

    async def test_a_thing_of_the_second_wish_does_not_choose_for_the_first(
        self, maria: Conversation
    ) -> None:
        said = await maria.say(
            "where is my lamp and I'd like to return the kettle",
            "track_order",
            wishes=("track_order", "return_item"),
        )
        assert replies(said) == ["utter_order_status", "utter_second_wish"]
        assert "RP-100102" in said[0]["text"]
