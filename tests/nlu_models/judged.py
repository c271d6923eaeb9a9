"""Judged messages made by hand, for tests of the report."""

from nlu_models.evaluation import Judged, JudgedIntent
from nlu_models.runtime.wishes import OUT_OF_SCOPE


def intent(
    text: str,
    label: str,
    found: str,
    *,
    refused: bool = False,
    confidence: float = 0.9,
    scope_score: float = 0.8,
    alternatives: tuple[str, ...] = (),
) -> JudgedIntent:
    return JudgedIntent(
        text=text,
        label=label,
        found=found,
        confidence=confidence,
        confidence_before=confidence / 2,
        in_scope=not refused and found != OUT_OF_SCOPE,
        scope_score=scope_score,
        alternatives=alternatives,
        milliseconds=1.5,
    )


def mood(text: str, label: str, found: str, confidence: float = 0.7) -> Judged:
    return Judged(text, label, found, confidence, confidence / 2)
