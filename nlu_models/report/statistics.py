"""The figures of a report: small pure functions of labels, confidences and scores."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

#: As many as `expected_calibration_error` has.
BINS = 15

# Of the standard normal distribution: 95 of 100 such intervals hold the true share.
_Z = 1.959964


@dataclass(frozen=True)
class Share:
    """A share and how sure it is.

    Attributes:
        hits, rows: so many of so many.
        value: their ratio; None without rows.
        low, high: Wilson's 95 % interval: where the share of all such messages is likely to lie.
    """

    hits: int
    rows: int
    value: float | None
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def share(hits: int, rows: int) -> Share:
    """`hits` of `rows`, with Wilson's score interval (1927), which holds for few rows and for shares near 0 and 1."""
    if rows == 0:
        return Share(0, 0, None, 0.0, 1.0)
    value = hits / rows
    scale = 1 + _Z**2 / rows
    middle = (value + _Z**2 / (2 * rows)) / scale
    reach = _Z * math.sqrt(value * (1 - value) / rows + _Z**2 / (4 * rows**2)) / scale
    return Share(
        hits, rows, value, min(value, max(0.0, middle - reach)), max(value, min(1.0, middle + reach))
    )


def share_of(hits: Sequence[bool]) -> Share:
    """The share of the true ones."""
    return share(sum(hits), len(hits))


@dataclass(frozen=True)
class LabelScore:
    """How well one label is told from the others.

    Attributes:
        recall: of the messages with this label, those that were found.
        precision: of the messages found to have it, those that do.
        f1: the harmonic mean of both; 0 when nothing was found rightly.
    """

    label: str
    recall: Share
    precision: Share
    f1: float


def label_scores(truth: Sequence[str], found: Sequence[str]) -> list[LabelScore]:
    """A score for each label of the truth, the weakest first; the one with more messages first among equals."""
    pairs = confusions(truth, found)
    scores = []
    for label in sorted(set(truth)):
        hits = pairs[label, label]
        labelled = sum(count for (true, _), count in pairs.items() if true == label)
        named = sum(count for (_, got), count in pairs.items() if got == label)
        f1 = 2 * hits / (labelled + named)
        scores.append(LabelScore(label, share(hits, labelled), share(hits, named), f1))
    return sorted(scores, key=lambda score: (score.f1, -score.recall.rows))


def confusions(truth: Sequence[str], found: Sequence[str]) -> Counter[tuple[str, str]]:
    """How often each label was found for each; the diagonal is what is right."""
    return Counter(zip(truth, found, strict=True))


@dataclass(frozen=True)
class Bin:
    """Messages of like confidence.

    Attributes:
        low, high: the confidences from and to.
        rows: messages.
        confidence: their mean confidence.
        accuracy: the share that was right.
    """

    low: float
    high: float
    rows: int
    confidence: float
    accuracy: float


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Accuracy by confidence, in bins of equal width; a bin without messages is left out."""
    values, hits = np.array(confidences, dtype=float), np.array(right, dtype=float)
    places = np.minimum((values * BINS).astype(int), BINS - 1)
    return [
        Bin(
            low=place / BINS,
            high=(place + 1) / BINS,
            rows=int(within.sum()),
            confidence=float(values[within].mean()),
            accuracy=float(hits[within].mean()),
        )
        for place in range(BINS)
        if (within := places == place).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: mean distance of confidence and accuracy, by the messages of each bin."""
    rows = sum(item.rows for item in bins)
    return sum(item.rows * abs(item.confidence - item.accuracy) for item in bins) / rows if rows else 0.0


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """How often a message in scope scores higher than one out of scope (half for a tie); None without either."""
    if not inside or not outside:
        return None
    return float(roc_auc_score([True] * len(inside) + [False] * len(outside), [*inside, *outside]))


@dataclass(frozen=True)
class ScopePoint:
    """What one threshold for all intents would do.

    Attributes:
        served: share of the messages in scope that would be served as what they are.
        refused: share of the messages out of scope that would be refused.
    """

    threshold: float
    served: float
    refused: float


def scope_curve(
    inside: Sequence[tuple[float, bool]], outside: Sequence[tuple[float, bool]], steps: int = 50
) -> list[ScopePoint]:
    """Points for thresholds from 0 to 1; none without messages of both kinds.

    Args:
        inside: scope score of each message in scope, and whether it was named rightly.
        outside: scope score of each message out of scope, and whether its most probable intent says so.
    """
    if not inside or not outside:
        return []
    return [
        ScopePoint(
            threshold=step / steps,
            served=sum(right and score >= step / steps for score, right in inside) / len(inside),
            refused=sum(said or score < step / steps for score, said in outside) / len(outside),
        )
        for step in range(steps + 1)
    ]


@dataclass(frozen=True)
class Speed:
    """How long messages took, in milliseconds.

    Attributes:
        p50, p95: half, and 95 of 100, were as fast or faster.
        edges: the limits of the columns of the histogram, one more than `counts`; slower ones than the last are in
            the last column.
        counts: messages in each.
    """

    rows: int
    p50: float
    p95: float
    slowest: float
    edges: list[float]
    counts: list[int]


def speed(milliseconds: Sequence[float], columns: int = 16) -> Speed | None:
    """The distribution of times; None without any."""
    if not milliseconds:
        return None
    times = np.array(milliseconds)
    # A few stragglers would press all others into one column.
    last = float(np.percentile(times, 99))
    counts, edges = np.histogram(np.minimum(times, last), bins=columns, range=(0.0, max(last, 1e-3)))
    return Speed(
        rows=len(times),
        p50=float(np.percentile(times, 50)),
        p95=float(np.percentile(times, 95)),
        slowest=float(times.max()),
        edges=[float(edge) for edge in edges],
        counts=[int(count) for count in counts],
    )
