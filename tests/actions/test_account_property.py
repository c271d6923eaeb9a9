"""However the answers come, and whatever comes between them, an address is saved as it was summed up, once, or not at all."""

from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa_sdk.executor import ActionExecutor

from demo.shop.sealing import Sealer
from tests.actions.conftest import DATA_KEY
from tests.actions.conversation import Conversation, replies

MARIA = "C000001"
MOVES = (
    ("12 Fern Close", "inform"),
    ("no, 14 Fern Close", "deny"),
    ("12 Fern Close, Leeds, LS8 2NB", "inform"),
    ("sorry, the postcode is LS8 2ND", "inform"),
    ("York", "inform"),
    ("how long does delivery take?", "delivery_period"),
    ("thanks", "thank"),
    ("start again", "inform"),
    ("hmm", "out_of_scope"),
    ("yes", "affirm"),
    ("no", "deny"),
)
ANSWERS = {
    "street": ("16 Fern Close", "inform"),
    "town": ("Leeds", "inform"),
    "postcode": ("LS8 2NE", "inform"),
    "default": ("no", "deny"),
    "confirmed": ("yes", "affirm"),
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(MOVES), max_size=6))
async def test_any_order_ends_in_the_summary_or_in_nothing(
    executor: ActionExecutor,
    owned: Any,
    shop_world: psycopg.Connection[Any],
    moves: list[tuple[str, str]],
) -> None:
    shop_world.execute("DELETE FROM shop.addresses WHERE label IS NULL")
    conversation = Conversation(executor, MARIA, consent=None)
    await owned(conversation.conversation_id)
    said = await conversation.say("add an address", "set_up_shipping_address")
    summary, saved = "", False
    for words, intent in moves:
        if conversation.form is None:
            break
        said = await conversation.say(words, intent)
        summary = _summary(said) or summary
        saved = saved or "utter_new_address_saved" in replies(said)
    for _ in range(len(ANSWERS) + 1):
        if conversation.form is None:
            break
        said = await conversation.say(*ANSWERS[conversation.slots["requested_slot"]])
        summary = _summary(said) or summary
        saved = saved or "utter_new_address_saved" in replies(said)
    assert conversation.form is None
    kept = shop_world.execute(
        "SELECT address_id, sealed_address FROM shop.addresses WHERE label IS NULL"
    ).fetchall()
    assert len(kept) == saved
    for address_id, sealed in kept:
        address = Sealer(DATA_KEY).open(f"address:{address_id}", bytes(sealed))
        assert f"{address['line1']}, {address['city']}, {address['postcode']}" in summary


def _summary(said: list[dict[str, Any]]) -> str | None:
    texts = [m["text"] for m in said if m["custom"]["reply"] == "utter_confirm_new_address"]
    return texts[-1] if texts else None
