"""Numbers, days and denials in a customer's own words."""

from datetime import date

import pytest

from actions.days_ahead import day_ahead
from actions.denials import without_denied
from actions.quantities import quantity_meant

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("words", "asked", "quantity"),
    [
        ("make it three", False, 3),
        ("one more please", False, 3),
        ("another one", False, 3),
        ("one fewer", False, 1),
        ("3 instead of 2", False, 3),
        ("not two, four", True, 4),
        ("5 of the mugs", False, 5),
        ("double it", False, 4),
        ("1", True, 1),
        ("none", True, 0),
        ("1", False, None),
        ("one moment", True, None),
        ("one question, does it come in blue", True, None),
        ("change RP-100101", False, None),
        ("the other one", True, None),
        ("two or three", True, None),
    ],
)
def test_a_quantity_is_read_only_where_one_is_meant(words: str, asked: bool, quantity: int | None) -> None:
    assert quantity_meant(words, 2, asked=asked) == quantity


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Friday please", date(2026, 11, 27)),
        ("Sunday", date(2026, 11, 29)),
        ("tomorrow", date(2026, 11, 23)),
        ("in three days", date(2026, 11, 25)),
        ("on the 27th", date(2026, 11, 27)),
        ("27/11", date(2026, 11, 27)),
        ("2 January", date(2027, 1, 2)),
        ("Dec 1st", date(2026, 12, 1)),
        ("Monday 30 November", date(2026, 11, 30)),
        ("Friday or Saturday", None),
        ("as soon as you can", None),
    ],
)
def test_a_day_is_one_that_is_still_to_come(words: str, day: date | None) -> None:
    assert day_ahead(words, [], SUNDAY) == day


def test_what_the_understanding_marked_counts_when_the_words_tell_no_day() -> None:
    assert day_ahead("St Nicholas' day", ["2026-12-06"], SUNDAY) == date(2026, 12, 6)
    assert day_ahead("the day of the order", ["2026-11-20"], SUNDAY) is None


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("not the kettle, the toaster", ", the toaster"),
        ("the toaster, not the kettle", "the toaster,"),
        ("not Friday but Thursday", "but Thursday"),
        ("it does not work", "it does not work"),
        ("not the kettle", "not the kettle"),
        ("don't cancel RP-100101, cancel RP-100102", ", cancel RP-100102"),
        ("please do not send the lamp back. The kettle", "please  . The kettle"),
        ("I don't know where RP-100101 is", "I don't know where RP-100101 is"),
    ],
)
def test_what_is_denied_is_not_what_is_meant(words: str, left: str) -> None:
    assert without_denied(words).strip() == left
