"""Drawing one of a few, and what a customer takes off the shelf."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from demo.catalogue import load_catalogue
from demo.generator.behaviours import KINDS, Kind
from demo.generator.chance import limits, one_of
from demo.generator.choice import Basket, Shelf

SHARES = st.lists(st.floats(0.01, 50), min_size=1, max_size=8)


@given(SHARES, st.integers(0, 2**32 - 1))
def test_the_numbers_are_those_of_numpys_choice(shares: list[float], seed: int) -> None:
    ours, theirs = np.random.default_rng(seed), np.random.default_rng(seed)
    part = np.array(shares) / np.sum(shares)
    assert [one_of(limits(shares), ours) for _ in range(20)] == [
        theirs.choice(len(shares), p=part) for _ in range(20)
    ]


@given(st.lists(st.integers(1, 6), max_size=8), st.integers(0, 2**32 - 1), st.sampled_from(KINDS))
def test_wishes_follow_from_what_is_owned_whatever_the_way_to_it(
    orders: list[int], seed: int, kind: Kind
) -> None:
    shelf = Shelf(load_catalogue(), seed=5)
    leaning = shelf.leaning(kind.habits)
    basket, at_once = Basket(shelf, leaning), Basket(shelf, leaning)
    rng = np.random.default_rng(seed)
    owned = {number for count in orders for number in basket.fill(count, rng)}
    at_once.own(owned)
    assert basket.weights.tolist() == at_once.weights.tolist()
    untouched = Basket(shelf, leaning).weights
    for number in owned:
        assert basket.weights[number] < leaning[number]
    for number in set(range(len(leaning))) - owned:
        boosted = bool(shelf.bases[number] & owned)
        assert (basket.weights[number] > untouched[number]) == boosted
