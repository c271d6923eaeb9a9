"""Calls of custom actions: the faster check agrees with Rasa's own, and the past is not sent."""

import time
from typing import Any

import pytest
from jsonschema import ValidationError, validate
from rasa.core.actions.action import RemoteAction

from bot.remote_actions import make_calls_cheaper
from tests.bot.conftest import ActionsService, Bot

RESULTS: list[Any] = [
    {"events": [], "responses": []},
    {},
    {
        "events": [{"event": "slot", "name": "turns", "value": 3, "timestamp": None}],
        "responses": [{"text": "Done."}],
    },
    {"events": [{"event": "active_loop", "name": None}]},
    {"events": [{"event": "followup", "name": "action_listen"}]},
    {"events": "none"},
    {"events": [{"event": "nonsense"}]},
    {"events": [{"event": "slot", "value": 3}]},
    {"events": [{"event": "slot", "name": "turns", "value": 3, "timestamp": "now"}]},
    {"events": [{"event": "bot", "text": 3}]},
    {"events": [{"name": "turns"}]},
    {"events": [{"event": ["slot"]}]},
    {"events": ["slot"]},
    {"responses": ["Done."]},
    ["no object"],
    None,
]


def _accepts(check: Any, result: Any) -> bool:
    try:
        check(result)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("result", RESULTS)
def test_it_accepts_and_refuses_what_rasa_does(result: Any) -> None:
    make_calls_cheaper()
    action = RemoteAction("action_remote", None)
    schema = RemoteAction.action_response_format_spec()
    assert _accepts(action._validate_action_result, result) == _accepts(
        lambda it: validate(it, schema), result
    )


def test_both_kinds_of_result_are_among_the_examples() -> None:
    make_calls_cheaper()
    action = RemoteAction("action_remote", None)
    assert {_accepts(action._validate_action_result, result) for result in RESULTS} == {True, False}


def test_a_check_takes_little() -> None:
    make_calls_cheaper()
    action = RemoteAction("action_remote", None)
    began = time.process_time()
    for _ in range(20):
        action._validate_action_result(RESULTS[2])
    assert (time.process_time() - began) / 20 < 0.005


async def test_an_action_is_told_of_this_turn_only(bot: Bot, actions: ActionsService) -> None:
    actions.answers["action_remote"] = {"events": [], "responses": [{"text": "Done."}]}
    await bot.says("hello")
    await bot.says("remote")
    [call] = actions.calls
    assert call["tracker"]["events"][0]["event"] == "user"
    assert [event["text"] for event in call["tracker"]["events"] if event["event"] == "user"] == ["remote"]
    assert call["tracker"]["latest_message"]["text"] == "remote"
    assert "domain" not in call
