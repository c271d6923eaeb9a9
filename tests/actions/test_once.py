"""Whatever is said in whatever order: an order is cancelled at most once, and only on a yes to its summary."""

from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa_sdk.executor import ActionExecutor

from demo.records import World
from demo.seed import tables
from tests.actions.conftest import DATA_KEY
from tests.actions.conversation import Conversation, replies

_TURNS: list[tuple[str, str, dict[str, str]]] = [
    ("cancel my order", "cancel_order", {}),
    ("cancel RP-100101", "cancel_order", {"order_id": "RP-100101"}),
    ("RP-100102", "inform", {"order_id": "RP-100102"}),
    ("no, RP-100101", "deny", {"order_id": "RP-100101"}),
    ("RP-999999", "inform", {"order_id": "RP-999999"}),
    ("RP-100201", "inform", {"order_id": "RP-100201"}),
    ("the first one", "inform", {}),
    ("yes", "affirm", {}),
    ("Yes, cancel it", "affirm", {"order_id": "RP-100101"}),
    ("yes but wait", "affirm", {}),
    ("no", "deny", {}),
    ("thanks", "thank", {}),
    ("hm", "out_of_scope", {}),
    ("where is RP-100103", "track_order", {"order_id": "RP-100103"}),
    ("money back", "get_refund", {}),
    ("a person please", "contact_human_agent", {}),
    ("this is awful", "complaint", {}),
    ("bye", "goodbye", {}),
]
_ORDERS = ("RP-100101", "RP-100102")


@pytest.mark.timeout(240)
async def test_an_act_follows_a_yes_to_its_own_summary_and_is_done_once(
    executor: ActionExecutor, owned: Any, shop_world: psycopg.Connection[Any], personas: World
) -> None:
    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(st.lists(st.sampled_from(_TURNS), min_size=3, max_size=9))
    def collect(turns: list[tuple[str, str, dict[str, str]]]) -> None:
        dialogues.append(turns)

    dialogues: list[list[tuple[str, str, dict[str, str]]]] = []
    collect()
    # The likely way to an act, with every digression in the middle of it.
    dialogues += [[_TURNS[1], aside, _TURNS[7], _TURNS[7]] for aside in _TURNS]
    for turns in dialogues:
        with shop_world.transaction():
            tables.fill(shop_world, personas, DATA_KEY, lambda _table: None)
        await _follow(Conversation(executor, "C000001", consent=None), owned, turns, shop_world)


async def _follow(
    conversation: Conversation,
    owned: Any,
    turns: list[tuple[str, str, dict[str, str]]],
    world: psycopg.Connection[Any],
) -> None:
    await owned(conversation.conversation_id)
    summarised: str | None = None
    for text, intent, entities in turns:
        before = _cancelled(world)
        said = await conversation.say(text, intent, **entities)
        done = _cancelled(world) - before
        if done:
            assert done == {summarised}, (turns, text)
            assert intent == "affirm", (turns, text)
            assert "but" not in text
            assert replies(said) == ["utter_cancel_done"]
        for message in said:
            if message["custom"]["reply"] == "utter_confirm_cancel":
                [summarised] = [order for order in _ORDERS if order in message["text"]]
        if conversation.form != "cancel_order_form":
            summarised = None
    row = world.execute("SELECT count(*) FROM shop.done_requests").fetchone()
    assert row is not None
    assert row[0] == len(_cancelled(world))


def _cancelled(world: psycopg.Connection[Any]) -> set[str]:
    rows = world.execute(
        "SELECT order_id FROM shop.orders WHERE order_id = ANY(%s) AND status = 'cancelled'", (list(_ORDERS),)
    )
    return {str(order_id) for (order_id,) in rows}
