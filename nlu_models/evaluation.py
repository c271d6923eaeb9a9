"""How good a served model is, on rows that it has not seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sklearn.metrics import f1_score

from nlu_models.runtime import Encoder
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.training.calibration import expected_calibration_error


class Labelled(Protocol):
    """A message with the name of its intent, or of its sentiment."""

    @property
    def text(self) -> str: ...
    @property
    def label(self) -> str: ...


@dataclass(frozen=True)
class Judged:
    """A message, what its label says, and what the model says.

    Attributes:
        found: the label that it is given: the most probable, or of several wishes the first.
        confidence: its calibrated probability.
        confidence_before: the largest probability before calibration.
    """

    text: str
    label: str
    found: str
    confidence: float
    confidence_before: float

    @property
    def named(self) -> bool:
        """Whether the label that it is given is the right one."""
        return self.found == self.label


@dataclass(frozen=True)
class JudgedIntent(Judged):
    """A message judged by its intent.

    Attributes:
        in_scope: false when the model refuses the message.
        scope_score: from 0 to 1, how surely the message is in scope.
        alternatives: the intents between which the model would ask, or which it would serve one by one.
        milliseconds: time taken, tokeniser included, on one thread.
    """

    in_scope: bool
    scope_score: float
    alternatives: tuple[str, ...]
    milliseconds: float

    @property
    def decision(self) -> str:
        """The intent that is served: a refused message is out of scope, whatever it resembles."""
        return self.found if self.in_scope else OUT_OF_SCOPE

    @property
    def right(self) -> bool:
        """Whether the customer gets what the label says: served as it, or refused."""
        return self.decision == self.label


def judge_intents(encoder: Encoder, rows: Iterable[Labelled]) -> list[JudgedIntent]:
    """What the model makes of messages with known intents, one at a time as it is served."""
    judged = []
    for row in rows:
        understood = encoder.understand(row.text)
        judged.append(
            JudgedIntent(
                text=row.text,
                label=row.label,
                found=understood.intent,
                confidence=understood.confidence,
                confidence_before=_uncalibrated(
                    (probability for _, probability in understood.ranking), encoder.folder.intent_temperature
                ),
                in_scope=understood.in_scope,
                scope_score=understood.scope_score,
                alternatives=tuple(name for name, _ in understood.alternatives),
                milliseconds=understood.milliseconds,
            )
        )
    return judged


def judge_sentiments(encoder: Encoder, rows: Iterable[Labelled]) -> list[Judged]:
    """What the model makes of messages with known sentiments; nothing when it knows no sentiments."""
    if not encoder.folder.sentiments:
        return []
    judged = []
    for row in rows:
        understood = encoder.understand(row.text)
        judged.append(
            Judged(
                text=row.text,
                label=row.label,
                found=understood.sentiment,
                confidence=understood.sentiment_confidence,
                confidence_before=_uncalibrated(
                    understood.sentiment_scores.values(), encoder.folder.sentiment_temperature
                ),
            )
        )
    return judged


def measure(encoder: Encoder, intents: Iterable[Labelled], sentiments: Iterable[Labelled]) -> dict[str, Any]:
    """The figures of a model's card, through the runtime, one message at a time."""
    threshold = encoder.folder.thresholds.scope
    return card_figures(judge_intents(encoder, intents), judge_sentiments(encoder, sentiments), threshold)


def card_figures(rows: Sequence[JudgedIntent], moods: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """The figures of a model's card.

    Accuracy and F1 are of the labels that messages are given, before anything is refused. `in_scope_served` is the share of
    messages in scope that were understood and not refused, `out_of_scope_recall` that of the others that were
    refused, by their intent or by a threshold. A figure without rows is left out.

    Args:
        threshold: the scope score that a message of an intent without its own threshold needs.
    """
    inside = [row.right for row in rows if row.label != OUT_OF_SCOPE]
    outside = [row.right for row in rows if row.label == OUT_OF_SCOPE]
    figures: dict[str, dict[str, float]] = {
        "intents": head_figures(rows),
        "scope": {
            "threshold": threshold,
            **({"in_scope_served": _share(inside)} if inside else {}),
            **({"out_of_scope_recall": _share(outside)} if outside else {}),
        },
    }
    if moods:
        figures["sentiments"] = head_figures(moods)
    if rows:
        times = [row.milliseconds for row in rows]
        figures["milliseconds"] = {
            f"p{part}": round(float(np.percentile(times, part)), 2) for part in (50, 95)
        }
    return figures


def head_figures(rows: Sequence[Judged]) -> dict[str, float]:
    """Rows, accuracy, macro F1 and calibration error of one head; only `rows` when there are none."""
    if not rows:
        return {"rows": 0}
    truth = [row.label for row in rows]
    named = np.array([row.named for row in rows])
    # Labels of the truth alone: a label that these rows do not hold has no F1 to average.
    macro_f1 = f1_score(
        truth, [row.found for row in rows], labels=sorted(set(truth)), average="macro", zero_division=0
    )
    before = np.array([row.confidence_before for row in rows])
    after = np.array([row.confidence for row in rows])
    return {
        "rows": len(rows),
        "accuracy": round(float(named.mean()), 4),
        "macro_f1": round(float(macro_f1), 4),
        "calibration_error_before": round(expected_calibration_error(before, named), 4),
        "calibration_error": round(expected_calibration_error(after, named), 4),
    }


def _uncalibrated(probabilities: Iterable[float], temperature: float) -> float:
    """The largest probability before the scores of these were divided by `temperature`: no second pass is needed."""
    before = np.array(list(probabilities)) ** temperature
    return float(before.max() / before.sum())


def _share(hits: list[bool]) -> float:
    return round(float(np.mean(hits)), 4)
