"""Addresses, contact details, closing, passwords, signing up: what is asked, checked, said and done, with a real shop."""

from typing import Any

import psycopg
import pytest
from rasa_sdk.executor import ActionExecutor

from actions.services import Services
from actions.shop import Shop
from demo.shop.sealing import Sealer
from tests.actions.conftest import DATA_KEY, NOWHERE
from tests.actions.conversation import Conversation, decision, replies

MARIA, AOIFE = "C000001", "C000007"
MARIAS_ADDRESS = "maria.hartley@example.com"
World = psycopg.Connection[Any]


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    return await _begun(Conversation(executor, MARIA, consent=None), owned)


@pytest.fixture
async def aoife(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    return await _begun(Conversation(executor, AOIFE, consent=None), owned)


@pytest.fixture
async def visitor(executor: ActionExecutor, owned: Any, shop_world: World) -> Conversation:
    return await _begun(Conversation(executor), owned)


async def _begun(conversation: Conversation, owned: Any) -> Conversation:
    await owned(conversation.conversation_id)
    return conversation


def outbox(world: World) -> list[dict[str, str]]:
    rows = world.execute("SELECT message_id, sealed_message FROM shop.outbox ORDER BY message_id").fetchall()
    return [Sealer(DATA_KEY).open(f"message:{message_id}", bytes(sealed)) for message_id, sealed in rows]


def count(world: World, table: str, customer_id: str = MARIA) -> int:
    query = f"SELECT count(*) FROM shop.{table} WHERE customer_id = %s"  # noqa: S608 - our own names
    row = world.execute(query, (customer_id,)).fetchone()
    assert row is not None
    return int(row[0])


class TestAddress:
    async def test_all_in_one_message_then_saved_and_taken_back(
        self, maria: Conversation, shop_world: World
    ) -> None:
        asked = await maria.say(
            "please save 9 Mill Lane, Bath BA1 2LR in my account", "set_up_shipping_address"
        )
        assert replies(asked) == ["utter_ask_default_address"]
        summary = await maria.press("No, just save it", asked)
        assert "9 Mill Lane, Bath, BA1 2LR" in summary[-1]["text"]
        assert count(shop_world, "addresses") == 1
        done = await maria.press("Yes, save it", summary)
        assert replies(done) == ["utter_new_address_saved"]
        assert "AC-" in done[0]["text"]
        assert count(shop_world, "addresses") == 2
        assert decision(done)["interaction"] == {"issue": "order", "outcome": "resolved"}
        await maria.press("Undo (within 30 seconds)", done)
        assert count(shop_world, "addresses") == 1

    async def test_piece_by_piece_with_a_question_in_between_and_a_correction(
        self, maria: Conversation, shop_world: World
    ) -> None:
        assert replies(await maria.say("add an address", "set_up_shipping_address")) == [
            "utter_ask_new_address"
        ]
        assert replies(await maria.say("9 mill lane", "inform")) == ["utter_ask_town"]
        beside = await maria.say("how long does delivery take?", "delivery_period")
        assert replies(beside)[-1] == "utter_ask_town"
        assert replies(await maria.say("Bath", "inform", confidence=0.4)) == ["utter_ask_postcode"]
        wrong = await maria.say("BA1 2", "inform")
        assert replies(wrong) == ["utter_not_a_postcode", "utter_ask_postcode"]
        assert replies(await maria.say("ba1 2lr", "inform")) == ["utter_ask_default_address"]
        await maria.say("no", "deny")
        corrected = await maria.say("sorry, it's 11 Mill Lane", "inform")
        assert replies(corrected) == ["utter_confirm_new_address"]
        assert "11 Mill Lane, Bath, BA1 2LR" in corrected[0]["text"]
        await maria.say("yes", "affirm")
        assert count(shop_world, "addresses") == 2

    async def test_an_address_that_sounds_like_a_change_stays_an_answer(self, maria: Conversation) -> None:
        await maria.say("add an address", "set_up_shipping_address")
        said = await maria.say("it's 9 Mill Lane in Bath, postcode is BA1 2LR", "change_shipping_address")
        assert maria.form == "set_up_shipping_address_form"
        assert "utter_moving_on" not in replies(said)

    async def test_the_agents_see_how_far_it_is(self, maria: Conversation) -> None:
        await maria.say("add an address", "set_up_shipping_address")
        said = await maria.say("9 Mill Lane, Bath", "inform")
        form = decision(said)["form"]
        assert [(f["label"], f["value"]) for f in form["filled"]] == [
            ("Street", "9 Mill Lane"),
            ("Town", "Bath"),
        ]
        assert [f["label"] for f in form["missing"]] == ["Postcode", "Default address"]

    async def test_a_country_we_do_not_deliver_to_is_said(self, maria: Conversation) -> None:
        await maria.say("add an address", "set_up_shipping_address")
        said = await maria.say("I've moved to Germany", "inform")
        assert replies(said) == ["utter_only_uk", "utter_ask_new_address"]

    async def test_a_visitor_says_who_they_are_first(self, visitor: Conversation, shop_world: World) -> None:
        asked = await visitor.say("save 9 Mill Lane, Bath BA1 2LR", "set_up_shipping_address")
        assert replies(asked) == ["utter_ask_order_id"]
        assert replies(await visitor.say("RP-100104", "inform", order_id="RP-100104")) == ["utter_ask_email"]
        wrong = await visitor.say("derek@example.org", "inform", email="derek@example.org")
        assert replies(wrong) == ["utter_order_not_found"]
        await visitor.say(MARIAS_ADDRESS, "inform", email=MARIAS_ADDRESS)
        assert visitor.slots["requested_slot"] == "street"
        assert count(shop_world, "addresses") == 1


class TestDetails:
    async def test_a_new_address_waits_for_its_link(self, maria: Conversation, shop_world: World) -> None:
        summary = await maria.say(
            "change my email to maria@new.example.org", "edit_account", email="maria@new.example.org"
        )
        assert replies(summary) == ["utter_confirm_change"]
        assert outbox(shop_world) == []
        done = await maria.press("Yes, change it", summary)
        assert replies(done) == ["utter_change_asked"]
        assert [mail["to"] for mail in outbox(shop_world)] == ["maria@new.example.org", MARIAS_ADDRESS]
        assert "m•••@new.example.org" in done[0]["text"]
        undone = await maria.say("oops, undo", "inform")
        assert "nothing in your account has changed" in undone[0]["text"]

    async def test_it_asks_what_and_then_which(self, maria: Conversation) -> None:
        assert replies(await maria.say("change my details", "edit_account")) == ["utter_ask_detail"]
        asked = await maria.say("my mobile", "inform")
        assert replies(asked) == ["utter_ask_new_detail"]
        assert "•••• 001" in asked[0]["text"]
        short = await maria.say("07700", "inform")
        assert replies(short) == ["utter_not_a_phone", "utter_ask_new_detail"]
        assert replies(await maria.say("07700 900555", "inform")) == ["utter_confirm_change"]

    async def test_another_detail_instead(self, maria: Conversation) -> None:
        await maria.say("i need to change my phone number", "edit_account")
        changed = await maria.say("actually I meant my name", "inform")
        assert replies(changed) == ["utter_ask_new_detail"]
        summary = await maria.say("Maria Hart-Lowe", "inform")
        assert "Maria Hart-Lowe" in summary[0]["text"]

    async def test_a_password_and_a_postal_address_are_for_other_forms(self, maria: Conversation) -> None:
        said = await maria.say("update the password in my account", "edit_account")
        assert (maria.form, replies(said)) == ("recover_password_form", ["utter_confirm_letter"])
        await maria.say("no", "deny")
        await maria.say("I moved house, new delivery address", "edit_account")
        assert maria.form == "set_up_shipping_address_form"

    async def test_an_address_to_save_is_for_the_address_book(self, maria: Conversation) -> None:
        said = await maria.say("please save 9 Mill Lane, Bath BA1 2LR in my account", "edit_account")
        assert replies(said) == ["utter_ask_default_address"]

    async def test_a_visitors_new_address_proves_nothing(self, visitor: Conversation) -> None:
        said = await visitor.say("change my email to x@example.org", "edit_account", email="x@example.org")
        assert replies(said) == ["utter_ask_order_id"]
        assert visitor.slots["email"] is None


class TestClosing:
    async def test_open_orders_come_first(self, maria: Conversation) -> None:
        said = await maria.say("delete my account", "delete_account")
        assert replies(said) == ["utter_cannot_close"]
        assert "RP-100103" in said[0]["text"]
        assert maria.form is None

    async def test_it_is_closed_in_a_fortnight_and_kept_after_all(
        self, aoife: Conversation, executor: ActionExecutor, owned: Any
    ) -> None:
        summary = await aoife.say("close my account please", "delete_account")
        assert replies(summary) == ["utter_confirm_close"]
        done = await aoife.press("Yes, close it", summary)
        assert replies(done)[0] == "utter_account_closing"
        assert "AC-" in done[0]["text"]
        later = await _begun(Conversation(executor, AOIFE, consent=None), owned)
        again = await later.say("delete my account", "delete_account")
        assert replies(again) == ["utter_closing_already"]
        kept = await later.press("Keep my account", again)
        assert "stays open" in kept[0]["text"]

    async def test_an_account_is_kept_by_saying_so(self, aoife: Conversation) -> None:
        await aoife.say("close my account please", "delete_account")
        await aoife.say("yes", "affirm")
        kept = await aoife.say("actually keep my account", "delete_account")
        assert "stays open" in kept[0]["text"]
        assert replies(await aoife.say("delete my account", "delete_account")) == ["utter_confirm_close"]

    @pytest.mark.parametrize(
        ("words", "intent"),
        [
            ("no", "deny"),
            ("don't close it", "delete_account"),
            ("I'd keep my account after all", "delete_account"),
        ],
    )
    async def test_a_change_of_mind_leaves_it_open(
        self, aoife: Conversation, shop_world: World, words: str, intent: str
    ) -> None:
        await aoife.say("close my account please", "delete_account")
        assert replies(await aoife.say(words, intent)) == ["utter_stopped"]
        assert count(shop_world, "acts", AOIFE) == 0


class TestLetters:
    @pytest.mark.parametrize("email", [MARIAS_ADDRESS, "nobody.at.all@example.com"])
    async def test_the_words_are_the_same_with_and_without_an_account(
        self, visitor: Conversation, shop_world: World, email: str
    ) -> None:
        assert replies(await visitor.say("forgot my password", "recover_password")) == [
            "utter_ask_account_email"
        ]
        summary = await visitor.say(email, "inform", email=email)
        assert email in summary[0]["text"]
        done = await visitor.press("Yes, send it", summary)
        [mail] = outbox(shop_world)
        assert mail["to"] == email
        masked = f"{email[0]}•••@example.com"
        assert done[0]["text"].startswith(f"We've sent an e-mail to {masked} (MS-")
        assert "If there is an account under that address" in done[0]["text"]

    async def test_a_customer_gets_it_at_the_address_on_file(
        self, maria: Conversation, shop_world: World
    ) -> None:
        summary = await maria.say("reset my password", "recover_password")
        assert replies(summary) == ["utter_confirm_letter"]
        await maria.say("yes please", "affirm")
        assert [mail["to"] for mail in outbox(shop_world)] == [MARIAS_ADDRESS]

    async def test_an_address_with_a_slip_is_asked_for_again(self, visitor: Conversation) -> None:
        await visitor.say("forgot my password", "recover_password")
        said = await visitor.say("maria@example", "inform")
        assert replies(said) == ["utter_not_an_email", "utter_ask_account_email"]
        spelt = await visitor.say("maria at example dot com", "inform")
        assert "maria@example.com" in spelt[0]["text"]
        other = await visitor.say("no, mary@example.com", "inform", email="mary@example.com")
        assert "mary@example.com" in other[0]["text"]

    @pytest.mark.parametrize(
        "words",
        ["I don't have that email any more", "can't get into my inbox", "that address is gone, old job"],
    )
    async def test_one_who_has_lost_the_mailbox_is_offered_a_person(
        self, visitor: Conversation, words: str
    ) -> None:
        await visitor.say("forgot my password", "recover_password")
        assert replies(await visitor.say(words, "deny", confidence=0.41)) == ["utter_lost_mailbox"]
        assert decision(await visitor.say("yes please", "affirm"))["handoff"]

    async def test_the_fourth_within_an_hour_is_not_sent_and_not_said_to_be(
        self, visitor: Conversation, shop_world: World
    ) -> None:
        for _ in range(4):
            await visitor.say("reset link for x@example.com", "recover_password", email="x@example.com")
            said = await visitor.say("yes", "affirm")
        assert "I've sent no further one" in said[0]["text"]
        assert len(outbox(shop_world)) == 3

    @pytest.mark.parametrize(
        ("words", "advice"),
        [
            ("the confirmation email never came", "spam folder"),
            ("it says my email is already in use", "from before"),
            ("the sign up form gives an error", "leave the form aside"),
        ],
    )
    async def test_trouble_signing_up_gets_advice_and_a_way_in(
        self, visitor: Conversation, shop_world: World, words: str, advice: str
    ) -> None:
        await visitor.say(words, "registration_problems")
        summary = await visitor.say("a@example.com", "inform", email="a@example.com")
        assert advice in summary[0]["text"]
        await visitor.say("ok", "affirm")
        assert len(outbox(shop_world)) == 1

    async def test_trouble_that_is_not_told_is_asked_for(self, visitor: Conversation) -> None:
        asked = await visitor.say("can't sign up", "registration_problems")
        assert replies(asked) == ["utter_ask_sign_up_problem"]
        said = await visitor.press("My address is taken", asked)
        assert replies(said) == ["utter_ask_account_email"]

    async def test_a_new_account_begins_with_an_invitation(
        self, visitor: Conversation, shop_world: World
    ) -> None:
        await visitor.say("open an account for me, a@example.com", "create_account", email="a@example.com")
        await visitor.say("yes", "affirm")
        [mail] = outbox(shop_world)
        assert mail["subject"] == "Open your account"

    @pytest.mark.parametrize("intent", ["create_account", "registration_problems"])
    async def test_one_who_is_signed_in_has_an_account(self, maria: Conversation, intent: str) -> None:
        assert replies(await maria.say("I'd like an account", intent)) == ["utter_has_account"]
        assert maria.form is None

    async def test_a_shop_that_is_away_keeps_the_wish(
        self, visitor: Conversation, services: Services, shop_world: World
    ) -> None:
        await visitor.say("reset link for x@example.com", "recover_password", email="x@example.com")
        there = services.shop
        services.shop = Shop(NOWHERE, "key")
        away = await visitor.say("yes", "affirm")
        assert replies(away) == ["utter_shop_unavailable"]
        services.shop.close()
        services.shop = there
        assert replies(await visitor.press("Try again", away)) == ["utter_letter_sent"]
        assert len(outbox(shop_world)) == 1
