"""Details alone have no mood: an address or a number keeps that of the message before."""

from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from tests.actions.conversation import Conversation, replies

ADDRESS = "maria.hartley@example.com"


@pytest.fixture
async def visitor(executor: ActionExecutor, shop_world: Any) -> Conversation:
    return Conversation(executor)


def variants(messages: list[dict[str, Any]]) -> list[str]:
    return [message["custom"]["variant"] for message in messages]


@pytest.mark.parametrize(
    ("text", "intent"), [(ADDRESS, "inform"), (ADDRESS, "out_of_scope"), ("it's " + ADDRESS, "inform")]
)
@pytest.mark.parametrize("misread_as", ["angry", "negative", "positive"])
async def test_an_address_alone_gets_no_mood_of_its_own(
    visitor: Conversation, text: str, intent: str, misread_as: str
) -> None:
    await visitor.say("where is my parcel", "track_order")
    await visitor.say("RP-100103", "inform", misread_as, order_id="RP-100103")
    said = await visitor.say(text, intent, misread_as, email=ADDRESS)
    assert replies(said) == ["utter_order_status"]
    assert variants(said) == ["default"]
    assert visitor.slots["angry_turns"] == 0
    assert said[-1]["custom"]["decision"]["mood"] is None


async def test_the_mood_of_the_message_before_stays(visitor: Conversation) -> None:
    await visitor.say("WHERE IS MY PARCEL, this is a disgrace", "track_order", "angry")
    await visitor.say("RP-100103", "inform", "neutral", order_id="RP-100103")
    said = await visitor.say(ADDRESS, "inform", "neutral", email=ADDRESS)
    assert variants(said) == ["angry"]
    assert visitor.slots["angry_turns"] == 1


async def test_words_beside_the_details_have_their_mood(visitor: Conversation) -> None:
    await visitor.say("where is my parcel", "track_order")
    said = await visitor.say(
        "RP-100103 and I am fed up with all this waiting", "inform", "angry", order_id="RP-100103"
    )
    assert visitor.slots["angry_turns"] == 1
    assert said[-1]["custom"]["decision"]["mood"] == "angry"
    assert any(quick["title"] == "Talk to a person" for quick in said[-1]["custom"]["quick_replies"])


async def test_a_wish_with_a_number_has_its_mood(visitor: Conversation) -> None:
    await visitor.say("where the hell is RP-100103", "track_order", "angry", order_id="RP-100103")
    assert visitor.slots["mood"] == "angry"
