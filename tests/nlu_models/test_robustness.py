"""Robustness: the same wish, typed otherwise."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.robustness import (
    CHANGES,
    Robustness,
    measure_robustness,
    with_manners,
    with_pictures,
    with_typos,
    without_punctuation,
)


@dataclass(frozen=True)
class Row:
    text: str
    label: str


def shouted_is_not_understood(text: str) -> str:
    """A model that knows one word, in small letters."""
    return "cancel_order" if "cancel" in text else "greet"


def by_change(rows: list[Row]) -> dict[str, Robustness]:
    return {result.change: result for result in measure_robustness(rows, shouted_is_not_understood)}


def test_accuracy_after_a_change_stands_beside_that_before() -> None:
    results = by_change([Row("cancel RP-100234!", "cancel_order"), Row("Refund!", "get_refund")])
    assert results["upper case"] == Robustness("upper case", 2, 0.5, 0.0)
    assert results["politeness"] == Robustness("politeness", 2, 0.5, 0.5)


def test_messages_that_a_change_leaves_as_they_are_do_not_count() -> None:
    results = by_change([Row("cancel it", "cancel_order"), Row("cancel it!", "cancel_order")])
    assert results["no punctuation"].messages == 1
    assert results["lower case"].messages == 0
    assert math.isnan(results["lower case"].changed)


def test_courtesies_are_not_added_to_courtesies() -> None:
    results = by_change([Row("hello there", "greet"), Row("cancel it", "cancel_order")])
    assert results["politeness"].messages == results["emoji"].messages == 1
    assert results["upper case"].messages == 2


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Where's my order?!", "Wheres my order"),
        ("RP-100234, please.", "RP-100234 please"),
        ("it cost £49.99...", "it cost £49.99"),
        ("write to jo@example.com!", "write to jo@example.com"),
        ("no - not that", "no not that"),
        ("?", ""),
    ],
)
def test_punctuation_goes_and_numbers_stay(text: str, bare: str) -> None:
    assert without_punctuation(text) == bare


def test_typos_change_long_words_alone() -> None:
    assert with_typos("is it in") == "is it in"
    changed = with_typos("where is it").split()
    assert changed[0] != "where"
    assert changed[1:] == ["is", "it"]


def test_longer_messages_get_more_slips() -> None:
    text = (
        "please could someone there tell me quickly where that order might have gone since yesterday morning"
    )
    slips = sum(a != b for a, b in zip(text.split(), with_typos(text).split(), strict=True))
    assert slips == 3


@given(st.text(max_size=80))
def test_every_change_is_the_same_each_time(text: str) -> None:
    for change in CHANGES.values():
        assert change(text) == change(text)


@given(st.text(max_size=80))
def test_additions_keep_the_message(text: str) -> None:
    assert text in with_pictures(text)
    assert text in with_manners(text)


@given(st.text(alphabet="abcdefgh RP-100234.", max_size=60))
def test_typos_keep_numbers_and_the_number_of_words(text: str) -> None:
    changed = with_typos(text)
    assert len(changed.split()) == len(text.split())
    assert [letter for letter in changed if letter.isdigit()] == [
        letter for letter in text if letter.isdigit()
    ]
