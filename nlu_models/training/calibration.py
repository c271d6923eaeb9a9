"""Confidence that means what it says: temperature, expected calibration error, thresholds."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from nlu_models.runtime.encoder import softmax

Array = np.ndarray[Any, Any]

_TEMPERATURES = np.geomspace(0.1, 10.0, 401)
#: How far temperatures lie apart from 1, as the standard deviation of their logarithm: two thirds of them
#: between 0.6 and 1.65. Seldom are they beyond 0.37 and 2.7.
_TEMPERATURE_SPREAD = 0.5
_LEAST_MARGIN = 0.05
_THRESHOLDS = np.round(np.arange(0.02, 0.99, 0.01), 2)


def fit_temperature(logits: Array, labels: Array) -> float:
    """The number by which to divide `logits` (rows, labels) so that the right labels are likeliest.

    One parameter and a smooth curve: trying 401 values finds it to about one per cent. See Guo et al.,
    "On Calibration of Modern Neural Networks" (2017), section 4.2.

    Few rows say little, and when all are right ever surer logits fit ever better; so 1 is likeliest beforehand.
    Hundreds of rows outweigh that.
    """
    rows = np.arange(len(labels))
    losses = [
        -np.log(np.clip(softmax(logits / temperature)[rows, labels], 1e-12, 1.0)).sum()
        + 0.5 * (np.log(temperature) / _TEMPERATURE_SPREAD) ** 2
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


def fit_signs(signs: Array, inside: Array) -> tuple[Array, float]:
    """Weights and bias by which the signs of scope (rows, signs) tell messages in scope from the others.

    A logistic regression; both kinds count alike, however many there are of each.
    """
    middle, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-6
    model = LogisticRegression(class_weight="balanced", C=1.0).fit((signs - middle) / spread, inside)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - (weights * middle).sum())


def choose_threshold(scores: Array, right: Array, prior: Callable[[float], float] | None = None) -> float:
    """The score below which a message is better not served.

    `scores` and `right` are those of validation messages that were taken for an intent in scope. Refusing one
    that was understood costs as much as serving one that was not; of the thresholds that cost least the
    middle is taken, as the farthest from both mistakes. `prior` adds a cost to each threshold.
    """
    costs = np.array([cost(scores, right, t) + (prior(t) if prior else 0.0) for t in _THRESHOLDS])
    return round(float(np.median(_THRESHOLDS[costs <= costs.min() + 1e-9])), 3)


def choose_thresholds(
    scores: Array, right: Array, intents: Sequence[str], weight: float = 20.0
) -> tuple[float, dict[str, float]]:
    """The threshold of all messages, and that of each intent among those found.

    An intent has few validation messages; so all messages have a say in its threshold, as much as `weight` of them.
    """
    overall = choose_threshold(scores, right)
    found = np.array(intents)
    return overall, {
        intent: choose_threshold(
            scores[found == intent],
            right[found == intent],
            lambda t: weight * cost(scores, right, t) / len(scores),
        )
        for intent in sorted(set(intents))
    }


def cost(scores: Array, right: Array, threshold: float) -> float:
    """Messages that were understood and are refused, and messages that were not and are served."""
    served = scores >= threshold
    return float((right & ~served).sum() + (~right & served).sum())


def choose_margin(probabilities: Array, truth: Array) -> float:
    """The margin under which two intents are so close that asking is better than going on.

    A question costs the customer half as much as a mistake; it saves the mistake if the right intent is the second,
    and gains or loses nothing if neither is right. Two that all but draw are always asked about.
    """
    order = np.argsort(-probabilities, axis=1)
    rows = np.arange(len(truth))
    gaps = probabilities[rows, order[:, 0]] - probabilities[rows, order[:, 1]]
    gain = 0.5 * (order[:, 1] == truth) - 0.5 * (order[:, 0] == truth)
    margins = np.round(np.arange(_LEAST_MARGIN, 0.51, 0.01), 2)
    gains = np.array([gain[gaps < margin].sum() for margin in margins])
    return float(margins[int(np.argmax(gains))])


def choose_second_wish(
    found: Callable[[float], tuple[list[bool], list[bool]]],
) -> float:
    """The probability that the intent of a clause needs to count as a wish.

    `found` gives, for a probability, which messages of two wishes have exactly these found, and which messages of
    one wish have none found beside it. Of the latter there are many more in life: each counts three times.
    """
    candidates = np.round(np.arange(0.3, 0.97, 0.02), 2)
    values = []
    for candidate in candidates:
        both, single = found(float(candidate))
        values.append(float(np.mean(both)) + 3 * float(np.mean(single)))
    return float(candidates[int(np.argmax(values))])
