"""Frequent questions, answered wherever they come up."""

from actions.dialogue.signs import VERY_SURE
from actions.dialogue.wishes import WISHES
from actions.turn import Turn

#: Rules that only mean something while their wish is spoken of.
_RULES = frozenset({"refund_wait", "return_window"})


def answer_question(turn: Turn, as_intent: str | None = None) -> bool:
    """Answer a frequent question if the message is one.

    Args:
        as_intent: take the message as this intent instead of the understood one.
    """
    topic = turn.slot("topic")
    if topic in _RULES and turn.intent in WISHES:
        topic = None  # a wish that names a day is no question about the one before
    if turn.intent in turn.services.knowledge.answers and turn.confidence >= VERY_SURE:
        topic = None  # it has an answer of its own
    key = turn.services.knowledge.question(turn.text, as_intent or turn.intent, topic)
    if key is None:
        return False
    turn.note(f"frequent question: {key}")
    turn.remember(topic=key)
    turn.concern("general", "answered")
    _tell(turn, key)
    return True


def tell_rule(turn: Turn, key: str | None) -> bool:
    """Say the rule that holds for every order if the message asks for it; the order itself may come later."""
    if key is None or not turn.services.knowledge.asks(key, turn.text):
        return False
    turn.note(f"the general rule: {key}")
    _tell(turn, key)
    return True


def _tell(turn: Turn, key: str) -> None:
    turn.say("utter_faq", answer=turn.services.knowledge.answer(key))
