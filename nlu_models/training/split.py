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


def _hash(row: Row) -> str:
    return hashlib.sha256(row.text.casefold().encode()).hexdigest()
