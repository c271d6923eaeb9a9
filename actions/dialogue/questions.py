"""Frequent questions, answered wherever they come up."""

from actions.turn import Turn


def answer_question(turn: Turn, as_intent: str | None = None) -> bool:
    """Answer a frequent question if the message is one.

    Args:
        as_intent: take the message as this intent instead of the understood one.
    """
    knowledge = turn.services.knowledge
    key = knowledge.question(turn.text, as_intent or turn.intent, turn.slot("topic"))
    if key is None:
        return False
    turn.note(f"frequent question: {key}")
    turn.remember(topic=key)
    turn.concern("general", "answered")
    turn.say("utter_faq", answer=knowledge.answer(key))
    return True
