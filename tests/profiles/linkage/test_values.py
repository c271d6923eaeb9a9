"""One spelling for equal values."""

import pytest

from profiles.linkage.values import DateOrder, Kind, date, date_order, normalise


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        ("surname", ["O'Shea", "OShea", "o shea", "O’Shea"]),
        ("given_name", ["Zoë", "ZOE", "Zoe\u0308", " zoe "]),
        ("street", ["Flat 3, Mill Wharf", "flat 3 mill wharf", "Flat 3 Millwharf"]),
        ("postcode", ["LS1 4XX", "ls14xx"]),
        ("phone", ["07700 900123", "+44 7700 900123", "0044 7700 900123", "(07700) 900-123"]),
        ("email", ["Ada.Byrne@Example.org", "ada.byrne+shop@example.org"]),
        ("date", ["1984-03-09", "19840309", "1984/3/9", "9 March 1984", "1984-03-09T00:00:00Z"]),
    ],
)
def test_spellings_are_one(kind: Kind, spellings: list[str]) -> None:
    assert len(set(normalise(kind, spellings))) == 1


def test_nothing_is_no_value() -> None:
    assert normalise("surname", ["", "-", " "]) == [None, None, None]


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/1984", "30/11/1991"], "dmy"),
        (["03/04/1984", "11/30/1991"], "mdy"),
        (["03/04/1984", "05/06/1990"], "dmy"),
        (["1984-03-09"], "ymd"),
    ],
)
def test_the_order_of_a_date_is_that_of_its_column(values: list[str], order: DateOrder) -> None:
    assert date_order(values) == order


def test_an_impossible_date_may_be_a_slip_and_is_kept() -> None:
    assert date("19841332", "ymd") == "19841332"


def test_a_year_of_two_digits_is_never_in_the_future() -> None:
    assert date("9/3/84", "dmy") == "19840309"
    assert date("9/3/05", "dmy") == "20050309"


def test_what_is_no_date_is_no_value() -> None:
    assert normalise("date", ["unknown", "1984-03-09"]) == [None, "19840309"]
