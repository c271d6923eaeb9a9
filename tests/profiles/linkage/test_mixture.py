"""The mixture of the same person's pairs, a household's and strangers', on pairs drawn from known proportions."""

import numpy as np

from profiles.linkage.mixture import Compared, Fitted, fit
from profiles.linkage.values import Kind

ALL_PAIRS = 200_000
SAME, HOUSEHOLD = 300, 600
#: How often each of the three agrees on each column.
AGREEMENT: dict[Kind, tuple[float, float, float]] = {
    "surname": (0.95, 0.95, 0.005),
    "street": (0.9, 0.9, 0.001),
    "given_name": (0.95, 0.01, 0.01),
    "date": (0.98, 0.001, 0.001),
}


def drawn() -> tuple[list[Compared], np.ndarray]:
    random = np.random.default_rng(7)
    kinds = np.repeat([0, 1, 2], [SAME, HOUSEHOLD, ALL_PAIRS - SAME - HOUSEHOLD])
    rates = np.array(list(AGREEMENT.values()))
    levels = (random.random((ALL_PAIRS, len(rates))) < rates[:, kinds].T).astype(np.int16)
    # Only pairs that agree on something are compared; how many of all agree is known.
    compared = levels.any(axis=1)
    nobody = np.zeros(int(compared.sum()))
    columns = [
        Compared(values[compared], nobody, 700, kind, np.bincount(values, minlength=2).astype(float))
        for kind, values in zip(AGREEMENT, levels.T, strict=True)
    ]
    return columns, kinds[compared]


def fitted() -> tuple[Fitted, np.ndarray]:
    columns, kinds = drawn()
    return fit(columns, ALL_PAIRS), kinds


def test_the_three_are_told_apart() -> None:
    result, kinds = fitted()
    same = result.same >= 0.5
    assert (kinds[same] == 0).mean() > 0.9
    assert same[kinds == 0].mean() > 0.97
    assert (result.household[kinds == 1] > 0.5).mean() > 0.8


def test_the_expected_number_of_pairs_is_the_true_one() -> None:
    result, _ = fitted()
    assert abs(result.same.sum() - SAME) < SAME * 0.1


def test_a_household_alone_is_no_person() -> None:
    columns, _ = drawn()
    result = fit(columns, ALL_PAIRS)
    lives_together = np.array([1, 1, 0, 0])
    levels = np.array([column.levels for column in columns]).T
    found = np.all(levels == lives_together, axis=1)
    assert found.any()
    assert result.same[found].max() < 0.01


def test_a_missing_value_says_nothing() -> None:
    columns, _ = drawn()
    missing = [
        Compared(np.full_like(c.levels, -1), c.others, c.records, c.kind, c.strangers) for c in columns
    ]
    result = fit(missing, ALL_PAIRS)
    assert all((weights == 0).all() for weights in result.weights)


def test_a_rare_value_says_more_than_a_frequent_one() -> None:
    columns, _ = drawn()
    surname = columns[0]
    others = np.where(np.arange(len(surname.levels)) % 2 == 0, 60.0, 0.0) * surname.levels
    columns[0] = Compared(surname.levels, others, surname.records, surname.kind, surname.strangers)
    weights = fit(columns, ALL_PAIRS).weights[0]
    agree = surname.levels == 1
    assert weights[agree & (others == 0)].min() > weights[agree & (others > 0)].max() + 3
