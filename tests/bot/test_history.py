"""A shortened history leads to the same state, and to the same predictions, as the whole one."""

import copy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    ConversationResumed,
    Event,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.history import GATHER_TURNS, KEEP_TURNS, replay, same_state, shorten
from tests.bot.conftest import FIXTURES

DOMAIN = Domain.load(str(FIXTURES / "domain.yml"))
LISTEN = ActionExecuted("action_listen")
START: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), LISTEN]


def _user(intent: str, text: str) -> UserUttered:
    return UserUttered(text, {"name": intent, "confidence": 0.9}, [])


def _turn(kind: str, number: int) -> list[Event]:
    """The events of one turn, as Rasa makes them."""
    form, said = ActionExecuted("cancel_form"), BotUttered(f"reply {number}")
    greet, fallback = ActionExecuted("utter_greet"), ActionExecuted("action_default_fallback")
    rejected = ActionExecutionRejected("cancel_form")
    asks_reason, asks_order = SlotSet("requested_slot", "reason"), SlotSet("requested_slot", "order_id")
    done = [ActiveLoop(None), SlotSet("requested_slot", None), ActionExecuted("utter_cancelled"), said]
    turns: dict[str, list[Event]] = {
        "plain": [_user("greet", f"hello {number}"), greet, said],
        "silent": [_user("thank", f"thanks {number}")],
        "fallback": [_user("out_of_scope", f"what {number}"), fallback, said, UserUtteranceReverted()],
        "slot": [_user("inform", f"RP {number}"), SlotSet("order_id", f"RP-{number}")],
        "emptied": [_user("inform", f"no {number}"), SlotSet("order_id", None)],
        "begin": [
            _user("cancel_order", f"cancel {number}"),
            form,
            ActiveLoop("cancel_form"),
            asks_reason,
            said,
        ],
        "answer": [_user("inform", f"late {number}"), SlotSet("reason", f"late {number}"), form, asks_order],
        "aside": [
            _user("greet", f"hello {number}"),
            rejected,
            greet,
            said,
            LoopInterrupted(True),
            form,
            said,
        ],
        "left": [_user("greet", f"hello {number}"), rejected, greet, said],
        "undone": [
            _user("out_of_scope", f"what {number}"),
            rejected,
            fallback,
            said,
            UserUtteranceReverted(),
        ],
        "end": [_user("affirm", f"yes {number}"), form, *done],
        "reset": [_user("deny", f"forget {number}"), ActionExecuted("action_remote"), AllSlotsReset()],
        "restart": [_user("restart", "restart"), ActionExecuted("action_restart"), Restarted(), *START[:-1]],
        "pause": [_user("thank", f"wait {number}"), ConversationPaused(), ConversationResumed()],
    }
    return [*turns[kind], LISTEN]


#: Turns that can follow each other: a form is asked again until it ends, is restarted or rejects.
FREE = ["plain", "silent", "fallback", "slot", "emptied", "begin", "reset", "restart", "pause"]
IN_FORM = ["answer", "aside", "left", "end", "reset", "restart", "pause", "undone"]


@st.composite
def conversations(draw: st.DrawFn, fewest: int = GATHER_TURNS, most: int = 25) -> list[str]:
    """Kinds of turns in an order in which Rasa could have run them."""
    kinds: list[str] = []
    in_form = False
    for _ in range(draw(st.integers(fewest, most))):
        kinds.append(draw(st.sampled_from(IN_FORM if in_form else FREE)))
        in_form = kinds[-1] == "begin" or (in_form and kinds[-1] not in {"end", "restart"})
    return kinds


def _ends_in_form(kinds: list[str]) -> bool:
    turns = [kind for kind in kinds if kind in {"begin", "end", "restart"}]
    return bool(turns) and turns[-1] == "begin"


def _interrupts_a_form(kinds: list[str]) -> bool:
    """Whether a message was answered by something else than the form while it was active."""
    return any(
        kind in {"aside", "left", "reset", "pause"} and _ends_in_form(kinds[:place])
        for place, kind in enumerate(kinds)
    )


def _events(kinds: list[str]) -> list[Event]:
    # Copies, since an event has a time of its own.
    events = [copy.copy(event) for event in START]
    for number, kind in enumerate(kinds):
        events += [copy.copy(event) for event in _turn(kind, number)]
    for place, event in enumerate(events):
        event.timestamp = 1000.0 + place
    return events


def _tracker(events: list[Event]) -> DialogueStateTracker:
    return replay("c", events, DOMAIN.slots)


def _state(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What actions see of a tracker."""
    state = tracker.current_state()
    return {name: value for name, value in state.items() if name != "latest_event_time"}


@settings(max_examples=150, deadline=None)
@given(conversations())
@example(["begin", "reset", "answer", "answer"])
@example(["begin", "pause", "answer", "answer"])
def test_the_state_is_that_of_the_whole_history(kinds: list[str]) -> None:
    events = _events(kinds)
    whole = _tracker(events)
    short = shorten(whole, 0)
    if short is None:
        # While a form that was interrupted goes on, Rasa's replay ends at the message of the interruption.
        assert _interrupts_a_form(kinds) or {"restart", "fallback", "undone"} & set(kinds[-KEEP_TURNS:])
        return
    shortened = _tracker([*short.opening, *events[short.first_kept :]])
    assert same_state(whole, shortened)
    assert _state(whole) == _state(shortened)
    # Rasa copies trackers by replaying them, each turn several times.
    assert _state(shortened.copy()) == _state(whole.copy())


@settings(max_examples=100, deadline=None)
@given(conversations(), st.data())
def test_the_next_turn_leads_to_the_same_state_and_the_same_last_states(
    kinds: list[str], data: st.DataObject
) -> None:
    following = data.draw(st.sampled_from(IN_FORM if _ends_in_form(kinds) else FREE))
    events = _events(kinds)
    short = shorten(_tracker(events), 0)
    if short is None:
        return
    new = _turn(following, 99)
    whole = _tracker([*events, *new])
    shortened = _tracker([*short.opening, *events[short.first_kept :], *new])
    assert _state(whole) == _state(shortened)
    assert whole.past_states(DOMAIN)[-2:] == shortened.past_states(DOMAIN)[-2:]


@settings(max_examples=25, deadline=None)
@given(conversations(fewest=30, most=40))
def test_shortened_again_and_again_it_stays_short_and_right(kinds: list[str]) -> None:
    everything: list[Event] = [copy.copy(event) for event in START]
    memory, opening = list(everything), 0
    for number, kind in enumerate(kinds):
        new = _turn(kind, number)
        everything += new
        memory += new
        short = shorten(_tracker(memory), opening)
        if short is not None:
            memory = [*short.opening, *memory[short.first_kept :]]
            opening = len(short.opening)
            assert _state(_tracker(memory)) == _state(_tracker(everything))
    assert _state(_tracker(memory)) == _state(_tracker(everything))
    assert sum(isinstance(event, UserUttered) for event in memory) <= GATHER_TURNS + 5


def test_few_turns_are_left_as_they_are() -> None:
    assert shorten(_tracker(_events(["plain"] * (GATHER_TURNS - 1))), 0) is None


@pytest.mark.parametrize("kinds", [["plain"] * 12, ["begin"] + ["answer"] * 11])
def test_the_opening_does_not_grow_with_the_past(kinds: list[str]) -> None:
    once = shorten(_tracker(_events(kinds)), 0)
    longer = shorten(_tracker(_events([*kinds, *kinds[1:], *kinds[1:]])), 0)
    assert once is not None
    assert longer is not None
    assert len(longer.opening) == len(once.opening)
