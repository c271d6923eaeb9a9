"""Newsletters, payments that went wrong, reviews, feedback and complaints."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies

MARIA, PRIYA, ELEANOR = "C000001", "C000003", "C000005"
MARIAS_ADDRESS = "maria.hartley@example.com"
World = psycopg.Connection[Any]


@pytest.fixture
def begin(executor: ActionExecutor, owned: Any, shop_world: World) -> Any:
    async def begun(customer_id: str | None = None) -> Conversation:
        conversation = Conversation(executor, customer_id, consent=None)
        await owned(conversation.conversation_id)
        return conversation

    return begun


def rows(world: World, query: str) -> list[Any]:
    return [row[0] for row in world.execute(query).fetchall()]


class TestNewsletters:
    async def test_stopping_all_is_summed_up_done_and_taken_back(self, begin: Any, shop_world: World) -> None:
        maria = await begin(MARIA)
        summary = await maria.say("stop sending me newsletters", "newsletter_subscription")
        assert replies(summary) == ["utter_confirm_newsletters"]
        done = await maria.press("Yes, stop them", summary)
        assert replies(done) == ["utter_newsletters_changed"]
        await maria.press("Undo (within 30 seconds)", done)
        again = await maria.say("stop all newsletters", "newsletter_subscription")
        assert replies(again) == ["utter_confirm_newsletters"]
        await maria.say("yes", "affirm")
        again = await maria.say("unsubscribe me from everything", "newsletter_subscription")
        assert replies(again) == ["utter_newsletters_already"]

    async def test_one_topic_of_several(self, begin: Any) -> None:
        maria = await begin(MARIA)
        summary = await maria.say("no more promo emails please", "newsletter_subscription")
        assert "offers and promo codes" in summary[0]["text"]
        assert "new products" not in summary[0]["text"]
        done = await maria.say("yes", "affirm")
        assert "still get those about new products" in done[0]["text"]

    async def test_beginning_asks_which_and_can_be_corrected(self, begin: Any) -> None:
        maria = await begin(MARIA)
        assert replies(await maria.say("sign me up for your newsletter", "newsletter_subscription")) == [
            "utter_ask_newsletter_topics"
        ]
        assert "tips for what you own" in (await maria.say("the tips", "inform"))[0]["text"]
        changed = await maria.say("no, the one about offers", "inform")
        assert replies(changed) == ["utter_newsletters_already"]

    async def test_a_visitor_stops_by_address_and_begins_by_link(self, begin: Any, shop_world: World) -> None:
        visitor = await begin()
        asked = await visitor.say("unsubscribe", "newsletter_subscription")
        assert replies(asked) == ["utter_ask_newsletter_email"]
        await visitor.say(MARIAS_ADDRESS, "inform", email=MARIAS_ADDRESS)
        before = len(rows(shop_world, "SELECT topic FROM shop.subscriptions"))
        done = await visitor.say("yes", "affirm")
        assert "m•••@example.com won't get" in done[0]["text"]
        assert len(rows(shop_world, "SELECT topic FROM shop.subscriptions")) == before - 2
        await visitor.say("subscribe me to the tips", "newsletter_subscription")
        begun = await visitor.say("yes", "affirm")
        assert "when it is followed" in begun[0]["text"]
        assert rows(shop_world, "SELECT kind FROM shop.outbox") == ["newsletter"]

    async def test_please_do_not_write_is_no_refusal_of_the_form(self, begin: Any) -> None:
        maria = await begin(MARIA)
        said = await maria.say("please don't send me any more marketing", "newsletter_subscription")
        assert replies(said) == ["utter_confirm_newsletters"]


class TestPayments:
    async def test_money_taken_twice_and_overdue_goes_to_a_person(self, begin: Any) -> None:
        eleanor = await begin(ELEANOR)
        said = await eleanor.say("I was charged twice", "payment_issue")
        assert "RP-100501" in said[0]["text"]
        assert "person" in said[0]["text"]
        assert decision(said)["interaction"]["outcome"] == "open"
        assert decision(await eleanor.say("yes", "affirm"))["handoff"]

    async def test_money_taken_twice_lately_is_on_its_way(self, begin: Any, shop_world: World) -> None:
        shop_world.execute(
            "UPDATE shop.payments SET at = %s WHERE status = 'duplicate'", (datetime.now(UTC),)
        )
        eleanor = await begin(ELEANOR)
        said = await eleanor.say("I was charged twice", "payment_issue")
        assert "by itself" in said[0]["text"]
        assert decision(said)["interaction"]["outcome"] == "answered"

    async def test_a_failed_one_is_paid_again_by_link(self, begin: Any, shop_world: World) -> None:
        shop_world.execute("UPDATE shop.payments SET status = 'failed' WHERE order_id = 'RP-100301'")
        priya = await begin(PRIYA)
        said = await priya.say("my card was declined", "payment_issue")
        assert replies(said) == ["utter_payment_problem", "utter_confirm_payment_link"]
        done = await priya.press("Yes, send me the link", said)
        assert "p•••@example.net" in done[0]["text"]
        assert rows(shop_world, "SELECT kind FROM shop.outbox") == ["payment"]

    async def test_declined_without_a_failed_payment_is_said_honestly(self, begin: Any) -> None:
        said = await (await begin(MARIA)).say("my card was declined at the checkout", "payment_issue")
        assert "no payment that failed" in said[0]["text"]

    async def test_which_of_several_is_asked_and_chosen(self, begin: Any) -> None:
        maria = await begin(MARIA)
        asked = await maria.say("there's a problem with my payment", "payment_issue")
        assert replies(asked) == ["utter_ask_payment"]
        said = await maria.say("the second one", "inform")
        assert replies(said) == ["utter_payment_problem"]
        assert maria.form is None

    async def test_a_visitor_gives_order_and_address(self, begin: Any) -> None:
        visitor = await begin()
        assert replies(await visitor.say("my payment failed", "payment_issue")) == [
            "utter_payment_of_visitor"
        ]
        await visitor.say("RP-100104", "inform", order_id="RP-100104")
        said = await visitor.say(MARIAS_ADDRESS, "inform", email=MARIAS_ADDRESS)
        assert replies(said) == ["utter_payment_problem"]
        assert "RP-100104" in said[0]["text"]

    async def test_a_bill_that_was_charged_twice_is_told_with_the_same_days(self, begin: Any) -> None:
        said = await (await begin(ELEANOR)).say("I was charged twice", "billing_inquiry")
        assert "should have been back by" in said[0]["text"]
        assert decision(said)["interaction"]["outcome"] == "open"

    @pytest.mark.parametrize(
        ("words", "intent"), [("I don't have one, it was at the checkout", "inform"), ("no order", "deny")]
    )
    async def test_a_visitor_without_an_order_is_not_sent_in_circles(
        self, begin: Any, words: str, intent: str
    ) -> None:
        visitor = await begin()
        await visitor.say("card declined", "payment_issue")
        said = await visitor.say(words, intent)
        assert replies(said) == ["utter_payment_without_order"]
        assert visitor.form is None


async def test_changing_accounts_is_left_to_a_person_who_learns_what_was_wanted(begin: Any) -> None:
    said = await (await begin(MARIA)).say("can I merge my two accounts", "switch_account")
    assert decision(said)["interaction"] == {
        "issue": "general",
        "outcome": "open",
        "summary": {"wish": "switch_account"},
    }
    assert [q["title"] for q in said[0]["custom"]["quick_replies"]] == ["Talk to a person"]


class TestOpinions:
    async def test_a_review_is_kept_in_its_words_without_what_tells_who_it_is(self, begin: Any) -> None:
        words = "The Drift 5 are superb, best headphones ever. Ring me on 07700 900123"
        said = await (await begin(MARIA)).say(words, "review", sentiment="positive")
        kept = decision(said)["interaction"]
        assert kept["outcome"] == "answered"
        assert kept["summary"]["wish"] == "review"
        assert "best headphones ever" in kept["summary"]["text"]
        assert "900123" not in kept["summary"]["text"]

    @pytest.mark.parametrize("intent", ["review", "feedback"])
    async def test_who_only_wants_to_give_one_is_asked_for_it(self, begin: Any, intent: str) -> None:
        maria = await begin(MARIA)
        asked = await maria.say(f"how can I leave a {intent}?", intent)
        assert replies(asked) == ["utter_ask_opinion"]
        said = await maria.say("delivery was quick and the driver friendly", "out_of_scope")
        assert replies(said) == [f"utter_{intent}"]
        assert decision(said)["interaction"]["summary"]["text"].startswith("delivery was quick")

    async def test_a_review_that_exists_is_for_a_person(self, begin: Any) -> None:
        said = await (await begin(MARIA)).say("please delete my review of the kettle", "review")
        assert replies(said) == ["utter_review_existing"]

    async def test_an_angry_one_offers_a_person_whom_a_yes_calls(self, begin: Any) -> None:
        maria = await begin(MARIA)
        said = await maria.say("your site is slow and it lost my basket", "feedback", sentiment="angry")
        assert decision(said)["interaction"]["outcome"] == "open"
        assert [q["title"] for q in said[0]["custom"]["quick_replies"]] == ["Talk to a person"]
        assert decision(await maria.say("yes", "affirm"))["handoff"] == {"reason": "customer asked"}

    async def test_a_complaint_is_kept_with_its_words_and_the_angry_reach_a_person(self, begin: Any) -> None:
        maria = await begin(MARIA)
        said = await maria.say("nobody at your shop ever answers", "complaint", sentiment="angry")
        assert decision(said)["interaction"] == {
            "issue": "complaint",
            "outcome": "open",
            "summary": {"wish": "complaint", "text": "nobody at your shop ever answers"},
        }
        assert decision(await maria.say("ok then", "affirm"))["handoff"]
