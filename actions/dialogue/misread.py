"""The customer says that the message before was misread: it is recorded for trainers, and asked what was meant."""

from actions.dialogue import signs
from actions.dialogue.wishes import FORMS
from actions.turn import Turn
from actions.variants.schema import quick_reply

_TO_PERSON = quick_reply("Talk to a person", "contact_human_agent")
#: So many words beside that, and the message says itself what is meant.
_LONGEST = 9
_MOST_OFFERED = 2


def is_said(turn: Turn) -> bool:
    """Whether the message says so, and of which one is known."""
    return turn.slot("last_turn") is not None and signs.was_misread(turn.text)


def record(turn: Turn) -> None:
    """Set down for trainers which message was misread."""
    last = turn.slot("last_turn")
    turn.note(f"the customer says that it was misread as {last['intent']}")
    turn.misread(last["turn_id"])


def says_no_more(turn: Turn) -> bool:
    """Whether it does not say at once what was meant instead: "not what I meant, I want the invoice" does."""
    tells = turn.intent in FORMS or "order_id" in turn.entities
    return not tells and len(turn.text.split()) <= _LONGEST


async def ask_again(turn: Turn) -> None:
    """Leave what was begun by it, and ask what was meant: the next likeliest wishes, or a person."""
    last = turn.slot("last_turn")
    if turn.active_form is not None and FORMS.get(last["intent"]) == turn.active_form:
        turn.leave_form()
    titles = turn.services.knowledge.titles
    near = [wish for wish in last["near"] if wish in titles and wish != last["intent"]][:_MOST_OFFERED]
    turn.concern("general", "open")
    turn.remember(offer="person_mentioned", topic=None)
    turn.say(
        "utter_misread",
        quick_replies=[*(quick_reply(titles[wish], wish) for wish in near), _TO_PERSON],
    )
