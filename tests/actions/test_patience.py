"""Nobody is asked for the same thing over and over: after the second try the bot helps, and a person is one press away."""

import itertools
from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, decision, replies

MARIA = "C000001"  # RP-100101 processing, 100102 packed, 100103 shipped, 100104 delivered
PERSON = "Talk to a person"

#: What visitors of recorded conversations say instead of an order number.
RAMBLING: list[tuple[str, str, dict[str, Any]]] = [
    ("Joyce Wu", "inform", {"person": "Joyce Wu"}),
    ("joycew77", "inform", {}),
    ("joyce.wu@example.com", "inform", {"email": "joyce.wu@example.com"}),
    ("it was a pair of boots", "out_of_scope", {}),
    ("okay", "affirm", {}),
    ("I only want my money back", "get_refund", {}),
    ("this is taking ages", "complaint", {}),
    ("gold", "inform", {}),
    ("thanks", "thank", {}),
    ("I want a refund please", "get_refund", {}),
    ("can you hurry up", "out_of_scope", {}),
    ("just return it for me", "return_item", {}),
]


@pytest.fixture
async def visitor(executor: ActionExecutor, shop_world: Any) -> Conversation:
    return Conversation(executor)


@pytest.fixture
async def maria(executor: ActionExecutor, owned: Any, shop_world: Any) -> Conversation:
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    return conversation


def titles(messages: list[dict[str, Any]]) -> list[str]:
    return [offer["title"] for message in messages for offer in message["custom"]["quick_replies"]]


@pytest.mark.parametrize("words", RAMBLING, ids=lambda said: said[0])
async def test_the_same_useless_answer_again_and_again_leads_to_a_person(
    visitor: Conversation, words: tuple[str, str, dict[str, Any]]
) -> None:
    text, intent, entities = words
    await visitor.say("I need to send something back", "return_item")
    said = [await visitor.say(text, intent, **entities) for _ in range(8)]
    assert all(PERSON in titles(messages) for messages in said[2:])
    _never_thrice(said)


@pytest.mark.parametrize("turned", range(0, len(RAMBLING), 3))
async def test_whatever_is_rambled_a_person_is_offered_and_nothing_said_thrice(
    visitor: Conversation, turned: int
) -> None:
    await visitor.say("I need to send something back", "return_item")
    order = RAMBLING[turned:] + RAMBLING[:turned]
    said = [await visitor.say(text, intent, **entities) for text, intent, entities in order]
    waits = [PERSON in titles(messages) for messages in said]
    assert all(any(three) for three in zip(waits, waits[1:], waits[2:], strict=False))
    _never_thrice(said)


async def test_after_the_second_try_it_says_what_would_help_instead(visitor: Conversation) -> None:
    await visitor.say("where is my parcel", "track_order")
    assert replies(await visitor.say("hmm", "out_of_scope")) == ["utter_not_understood", "utter_ask_order_id"]
    said = await visitor.say("dunno", "out_of_scope")
    assert replies(said) == ["utter_what_would_help"]
    for words in ("confirmation e-mail", "what you bought"):
        assert words in said[0]["text"]
    assert titles(said) == ["I don't have it", PERSON]
    assert visitor.form == "track_order_form"


@pytest.mark.parametrize(
    "words", ["I don't have it", "can't find the number", "I deleted the email", "I never got a confirmation"]
)
async def test_who_has_no_number_is_told_the_other_ways_at_once(visitor: Conversation, words: str) -> None:
    await visitor.say("where is my parcel", "track_order")
    said = await visitor.say(words, "deny")
    assert replies(said) == ["utter_what_would_help"]
    assert visitor.form == "track_order_form"
    again = await visitor.press("I don't have it", said)
    assert replies(again) == ["utter_offer_person"]
    assert decision(await visitor.say("yes please", "affirm"))["handoff"]


async def test_an_address_and_a_product_instead_of_the_number_are_for_a_person(visitor: Conversation) -> None:
    await visitor.say("where is my parcel", "track_order")
    await visitor.say("I haven't got the number", "deny")
    said = await visitor.say("a@example.com, a kettle", "inform", email="a@example.com", product="KET-QUELL")
    assert replies(said) == ["utter_person_can_find"]
    assert visitor.slots["email"] == "a@example.com"
    assert decision(await visitor.say("yes please", "affirm"))["handoff"]


async def test_a_number_that_comes_late_is_still_taken(visitor: Conversation) -> None:
    await visitor.say("where is my parcel", "track_order")
    for _ in range(2):
        await visitor.say("dunno", "out_of_scope")
    said = await visitor.say("found it: RP-100103", "inform", order_id="RP-100103")
    assert replies(said) == ["utter_ask_email"]


async def test_a_customer_chooses_or_says_none_of_these(maria: Conversation) -> None:
    await maria.say("where's my stuff", "track_order")
    await maria.say("hmm", "out_of_scope")
    said = await maria.say("hmm hmm", "out_of_scope")
    assert replies(said) == ["utter_what_would_help"]
    assert titles(said)[-1] == PERSON
    assert sum("RP-" in title for title in titles(said)) == 3


async def test_an_unknown_number_is_not_refused_thrice_in_the_same_words(visitor: Conversation) -> None:
    await visitor.say("track it", "track_order", order_id="RP-999999", email="a@example.com")
    said = [await visitor.say("RP-999999", "inform", order_id="RP-999999") for _ in range(4)]
    _never_thrice(said)
    assert PERSON in titles(said[0])


def _never_thrice(said: list[list[dict[str, Any]]]) -> None:
    texts = [message["text"] for messages in said for message in messages]
    assert not any(a == b == c for a, b, c in zip(texts, texts[1:], texts[2:], strict=False)), texts
    whole = [tuple(message["text"] for message in messages) for messages in said]
    assert all(len(set(three)) > 1 for three in zip(whole, whole[1:], whole[2:], strict=False)), whole
    assert all(before for before, _ in itertools.pairwise(whole))
