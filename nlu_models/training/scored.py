"""What the served model says of labelled messages, before anything is decided."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import f1_score

from nlu_models.runtime import Encoder
from nlu_models.runtime.encoder import softmax
from nlu_models.training.calibration import expected_calibration_error
from nlu_models.training.dataset import Row

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class ScoredRows:
    """Rows with what the served model says of them.

    Attributes:
        predicted, confidence: of each row, calibrated.
        logits: uncalibrated scores (rows, intents); vectors: sentence vectors (rows, width).
    """

    rows: list[Row]
    predicted: list[str]
    confidence: Array
    logits: Array
    vectors: Array

    def figures(self, temperature: float) -> dict[str, float]:
        """Accuracy, macro F1, and the expected calibration error after and before calibration."""
        truth = [row.label for row in self.rows]
        right = np.array([found == label for found, label in zip(self.predicted, truth, strict=True)])
        before = softmax(self.logits).max(axis=1)
        after = softmax(self.logits / temperature).max(axis=1)
        macro_f1 = f1_score(
            truth, self.predicted, labels=sorted(set(truth)), average="macro", zero_division=0
        )
        return {
            "accuracy": round(float(right.mean()), 4),
            "macro_f1": round(float(macro_f1), 4),
            "calibration_error": round(expected_calibration_error(after, right), 4),
            "calibration_error_before": round(expected_calibration_error(before, right), 4),
        }


def score_rows(encoder: Encoder, rows: list[Row]) -> ScoredRows:
    """Understand each row by the served model, one at a time as customers' messages come."""
    scores = [encoder.scores(row.text) for row in rows]
    logits = np.stack([row.intents for row in scores])
    probabilities = softmax(logits / encoder.folder.intent_temperature)
    return ScoredRows(
        rows=rows,
        predicted=[encoder.folder.intents[place] for place in logits.argmax(axis=1)],
        confidence=probabilities.max(axis=1),
        logits=logits,
        vectors=np.stack([row.vector for row in scores]),
    )
