"""A profile of columns tells what is in them, and no value that is hidden."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.quality.profiling import Column, profile


def column(values: list[Any], hidden: bool = False) -> Column:
    [found] = profile([{"it": value} for value in values], {"it"} if hidden else ())
    return found


def test_types_missing_and_distinct_values_are_counted() -> None:
    found = column(["a", "a", None, 3, True, "b"])
    assert (found.rows, found.missing, found.distinct) == (6, 1, 4)
    assert found.types == {"text": 3, "number": 1, "boolean": 1}
    assert found.common == [("a", 2)]


def test_numbers_have_a_range_and_quantiles() -> None:
    found = column(list(range(101)))
    assert (found.least, found.greatest) == ("0", "100")
    assert found.quantiles == [5, 25, 50, 75, 95]


def test_moments_have_a_range() -> None:
    found = column([datetime(2026, 11, day, tzinfo=UTC) for day in (3, 1, 2)])
    assert found.types == {"moment": 3}
    assert found.least == "2026-11-01T00:00:00+00:00"


def test_a_column_of_objects_is_a_column_for_each_key() -> None:
    found = profile([{"facts": {"orders": 1}}, {"facts": {"orders": 3, "spend": 2.5}}, {"facts": {}}])
    assert {one.name: one.missing for one in found} == {"facts.orders": 1, "facts.spend": 2, "facts": 3}


def test_hidden_and_sealed_values_are_counted_and_not_shown() -> None:
    for found in (column(["Ann", "Ann", "Bo"], hidden=True), column([b"1", b"1", b"2"])):
        assert found.hidden
        assert (found.distinct, found.common, found.least, found.quantiles) == (2, [], None, [])


def test_long_texts_are_cut() -> None:
    [(text, _)] = column(["x" * 500] * 2).common
    assert len(text) == 60


rows = st.lists(
    st.dictionaries(
        st.sampled_from("abc"), st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
    )
)


@settings(deadline=None)
@given(rows)
def test_what_is_there_and_what_is_missing_add_up(some: list[dict[str, Any]]) -> None:
    for found in profile(some):
        assert found.missing + sum(found.types.values()) == found.rows == len(some)
        assert found.distinct <= found.rows - found.missing
