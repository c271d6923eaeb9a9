"""How good a served model is, on rows that it has not seen."""

import time
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
from sklearn.metrics import f1_score

from nlu_models.runtime import Encoder
from nlu_models.runtime.encoder import OUT_OF_SCOPE, softmax
from nlu_models.training.calibration import expected_calibration_error


class Labelled(Protocol):
    """A message with the name of its intent, or of its sentiment."""

    @property
    def text(self) -> str: ...
    @property
    def label(self) -> str: ...


def measure(encoder: Encoder, intents: Iterable[Labelled], sentiments: Iterable[Labelled]) -> dict[str, Any]:
    """Accuracy, macro F1, calibration error and speed through the runtime, one message at a time.

    Out-of-scope recall counts messages refused by class or by threshold; in-scope served counts messages
    that were understood and not refused.
    """
    intents, sentiments = list(intents), list(sentiments)
    folder = encoder.folder
    intent_rows = [encoder.understand(row.text) for row in intents]
    intent_truth = [row.label for row in intents]
    in_scope = [label != OUT_OF_SCOPE for label in intent_truth]
    served = [
        found.in_scope and found.intent == label
        for found, label in zip(intent_rows, intent_truth, strict=True)
    ]
    moods = [encoder.understand(row.text).sentiment for row in sentiments]
    mood_truth = [row.label for row in sentiments]
    speeds = _milliseconds(encoder, [row.text for row in (*intents, *sentiments)])
    return {
        "intents": {
            "rows": len(intents),
            "accuracy": _share(
                [row.intent == truth for row, truth in zip(intent_rows, intent_truth, strict=True)]
            ),
            "macro_f1": _macro_f1(intent_truth, [row.intent for row in intent_rows]),
            **_calibration(encoder, intents, 0, folder.intents, folder.intent_temperature),
        },
        "scope": {
            "threshold": folder.scope_threshold,
            "in_scope_served": _share(
                [good for good, inside in zip(served, in_scope, strict=True) if inside]
            ),
            "out_of_scope_recall": _share(
                [not row.in_scope for row, inside in zip(intent_rows, in_scope, strict=True) if not inside]
            ),
        },
        "sentiments": {
            "rows": len(sentiments),
            "accuracy": _share([mood == truth for mood, truth in zip(moods, mood_truth, strict=True)]),
            "macro_f1": _macro_f1(mood_truth, moods),
            **_calibration(encoder, sentiments, 1, folder.sentiments, folder.sentiment_temperature),
        },
        "milliseconds": {
            "p50": round(float(np.percentile(speeds, 50)), 2),
            "p95": round(float(np.percentile(speeds, 95)), 2),
        },
    }


def _milliseconds(encoder: Encoder, texts: list[str]) -> list[float]:
    times = []
    for text in texts:
        started = time.perf_counter()
        encoder.understand(text)
        times.append((time.perf_counter() - started) * 1000)
    return times


def _calibration(
    encoder: Encoder, rows: list[Labelled], head: int, names: tuple[str, ...], temperature: float
) -> dict[str, float]:
    logits = np.stack([encoder.logits(row.text)[head] for row in rows])
    truth = np.array([names.index(row.label) for row in rows])
    right = logits.argmax(axis=-1) == truth
    return {
        "calibration_error_before": round(expected_calibration_error(softmax(logits).max(axis=-1), right), 4),
        "calibration_error": round(
            expected_calibration_error(softmax(logits / temperature).max(axis=-1), right), 4
        ),
    }


def _macro_f1(truth: list[str], found: list[str]) -> float:
    # Labels of the truth alone: a label that these rows do not hold has no F1 to average.
    return round(
        float(f1_score(truth, found, labels=sorted(set(truth)), average="macro", zero_division=0)), 4
    )


def _share(hits: list[bool]) -> float:
    return round(float(np.mean(hits)), 4) if hits else float("nan")
