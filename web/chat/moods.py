"""In which mood a customer wrote, as the assistant acted on it."""

from collections.abc import Mapping
from typing import Any

MOODS = frozenset({"angry", "negative", "neutral", "positive"})


def mood_of(parse: Mapping[str, Any] | None, decision: Mapping[str, Any] | None) -> str | None:
    """The mood that the decision record names; without a word of it there, the one that was understood.

    Returns:
        None where the message has none of its own: a bare address or number leaves the mood as it was.
    """
    if decision and "mood" in decision:
        label = decision["mood"]
    else:
        label = ((parse or {}).get("sentiment") or {}).get("label")
    return label if label in MOODS else None
