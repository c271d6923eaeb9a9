"""Confidence that means what it says: temperature, expected calibration error, scope threshold."""

from typing import Any

import numpy as np

from nlu_models.runtime.encoder import softmax

Array = np.ndarray[Any, Any]

_TEMPERATURES = np.geomspace(0.1, 10.0, 401)


def fit_temperature(logits: Array, labels: Array) -> float:
    """The number by which to divide `logits` (rows, labels) so that the right labels are likeliest.

    One parameter and a smooth curve: trying 401 values finds it to about one per cent. See Guo et al.,
    "On Calibration of Modern Neural Networks" (2017), section 4.2.
    """
    rows = np.arange(len(labels))
    losses = [
        -np.log(np.clip(softmax(logits / temperature)[rows, labels], 1e-12, 1.0)).mean()
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def expected_calibration_error(confidence: Array, correct: Array, bins: int = 15) -> float:
    """Mean distance between confidence and accuracy over bins of equal width, weighted by their rows."""
    places = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for place in range(bins):
        within = places == place
        if within.any():
            error += within.mean() * abs(confidence[within].mean() - correct[within].mean())
    return float(error)


def choose_scope_threshold(confidence: Array, right: Array) -> float:
    """The confidence below which a message is better not served.

    `confidence` and `right` are those of the validation messages that were taken for an intent in scope.
    Refusing one that was understood costs as much as serving one that was not; of the thresholds that cost
    least the middle is taken, as the farthest from both mistakes.
    """
    thresholds = np.round(np.arange(0.2, 0.81, 0.01), 2)
    costs = np.array(
        [(right & (confidence < t)).sum() + (~right & (confidence >= t)).sum() for t in thresholds]
    )
    return float(np.median(thresholds[costs == costs.min()]))
