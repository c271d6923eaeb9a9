"""A fixed split: a row keeps its part when other rows come or go, as far as the shares allow."""

import hashlib
import math
from collections import defaultdict
from dataclasses import dataclass

from nlu_models.training.dataset import Row


@dataclass(frozen=True)
class Split:
    """Rows to learn from, to choose settings on, and to report on."""

    train: list[Row]
    validation: list[Row]
    test: list[Row]


@dataclass(frozen=True)
class Parts:
    """The rows of both heads and the names of their labels, in the order in which the heads have them.

    Without sentiments their parts and names are empty.
    """

    intents: Split
    sentiments: Split
    intent_names: tuple[str, ...]
    sentiment_names: tuple[str, ...]


def label_names(rows: list[Row]) -> tuple[str, ...]:
    """The labels that occur, in the order in which a head has them."""
    return tuple(sorted({row.label for row in rows}))


def split(rows: list[Row], validation: float, test: float) -> Split:
    """Divide the rows of each label by the hash of their text; every part has at least one of each label."""
    by_label: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=_hash):
        by_label[row.label].append(row)
    parts = Split([], [], [])
    for label in sorted(by_label):
        of_label = by_label[label]
        tests = max(1, math.floor(len(of_label) * test))
        validations = max(1, math.floor(len(of_label) * validation))
        parts.test.extend(of_label[:tests])
        parts.validation.extend(of_label[tests : tests + validations])
        parts.train.extend(of_label[tests + validations :])
    return parts


def hold_out(rows: list[Row], share: float) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and a share of them held out, chosen by the hash of their text.

    Unlike `split` it takes nothing from a label with fewer than five rows left, so that few examples stay useful.
    """
    wanted = round(len(rows) * share)
    left: dict[str, int] = defaultdict(int)
    for row in rows:
        left[row.label] += 1
    kept: list[Row] = []
    held: list[Row] = []
    for row in sorted(rows, key=_hash):
        if len(held) < wanted and left[row.label] >= 5:
            held.append(row)
            left[row.label] -= 1
        else:
            kept.append(row)
    return kept, held


def _hash(row: Row) -> str:
    return hashlib.sha256(row.text.casefold().encode()).hexdigest()
