"""The temperature: few rows move it little, many decide."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime.encoder import softmax
from nlu_models.training.calibration import fit_temperature


def all_but_sure(probability: float, rows: int, labels: int) -> np.ndarray[Any, Any]:
    """Logits by which the first label has `probability` in each row."""
    logits = np.zeros((rows, labels))
    logits[:, 0] = np.log(probability * (labels - 1) / (1 - probability))
    return logits


@given(st.floats(0.9, 0.99999), st.integers(1, 20), st.integers(2, 150))
def test_few_rows_that_are_all_right_leave_it_near_1(probability: float, rows: int, labels: int) -> None:
    logits = all_but_sure(probability, rows, labels)
    assert 0.5 <= fit_temperature(logits, np.zeros(rows, dtype=int)) <= 1.01


@given(st.floats(0.5, 0.99999), st.integers(2, 150))
def test_one_wrong_row_alone_does_not_make_all_unsure(probability: float, labels: int) -> None:
    assert 0.99 <= fit_temperature(all_but_sure(probability, 1, labels), np.array([1])) <= 3.5


@pytest.mark.parametrize("true", [0.6, 0.8, 1.0, 1.5, 2.0])
def test_with_800_rows_they_alone_decide(true: float) -> None:
    chance = np.random.default_rng(0)
    logits = 3 * chance.normal(size=(800, 44))
    labels = np.array([chance.choice(44, p=row) for row in softmax(logits)])
    candidates = np.geomspace(true / 1.3, true * 1.3, 1001)
    rows = np.arange(800)
    losses = [-np.log(softmax(logits * true / candidate)[rows, labels]).mean() for candidate in candidates]
    likeliest = candidates[int(np.argmin(losses))]
    assert fit_temperature(logits * true, labels) == pytest.approx(likeliest, rel=0.01)
