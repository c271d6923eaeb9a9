"""A day is odd against the source's own past, and a silence against its own pauses."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.quality.rules import read_rules
from profiles.quality.volumes import odd_days, past_of, silence, usual

ALARMS = read_rules().alarms
TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def days(*counts: int, last: date = TODAY) -> dict[date, int]:
    """Counts of days, the last of them that of `last`."""
    return {last - number * DAY: count for number, count in enumerate(reversed(counts))}


def odd(*counts: int) -> list[tuple[date, int]]:
    return [(one.day, one.count) for one in odd_days("web", days(*counts), TODAY, ALARMS)]


STEADY = (200, 230, 190, 210, 220, 205, 215, 190, 225, 210)


def test_a_day_like_the_others_is_not_odd() -> None:
    assert odd(*STEADY, 212, 90) == []


def test_yesterday_is_odd_when_much_less_or_much_more_came() -> None:
    assert odd(*STEADY, 3, 90) == [(TODAY - DAY, 3)]
    assert odd(*STEADY, 900, 90) == [(TODAY - DAY, 900)]


def test_a_day_on_which_nothing_came_counts_as_one() -> None:
    past = days(*STEADY, last=TODAY - 2 * DAY)
    assert [one.count for one in odd_days("web", past, TODAY, ALARMS)] == [0]


def test_a_day_that_is_not_over_can_only_have_too_much() -> None:
    assert odd(*STEADY, 200, 0) == []
    assert odd(*STEADY, 200, 1000) == [(TODAY, 1000)]


def test_one_wild_day_in_the_past_does_not_hide_the_next() -> None:
    assert odd(*STEADY, 9000, *STEADY, 1500, 0) == [(TODAY - DAY, 1500)]


def test_a_short_past_says_nothing() -> None:
    assert odd(200, 210, 205, 3, 0) == []


def test_small_differences_are_never_told() -> None:
    assert odd(*[1] * 20, 15, 0) == []


@settings(deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_the_median_of_the_past_is_never_odd(counts: list[int]) -> None:
    rule = usual(counts)
    assert rule.distance(round(rule.median)) == pytest.approx(0, abs=0.5)
    assert rule.deviation >= 1


def test_the_past_begins_with_the_first_day_and_has_no_gaps() -> None:
    some = {TODAY - 5 * DAY: 7, TODAY - 2 * DAY: 9}
    assert past_of(some, TODAY, 28) == [7, 0, 0, 9, 0]
    assert past_of(some, TODAY, 3) == [0, 9, 0]
    assert past_of({}, TODAY, 28) == []


def test_a_source_of_every_day_is_silent_after_some_days() -> None:
    every_day = [TODAY - number * DAY for number in range(4, 20)]
    found = silence("loyalty", every_day, NOW - 4 * DAY, NOW, ALARMS)
    assert found is not None
    assert (found.days, found.usual_pause) == (4.0, 1)
    assert silence("loyalty", every_day, NOW - 2 * DAY, NOW, ALARMS) is None


def test_a_source_of_every_week_may_pause_for_weeks() -> None:
    weekly = [TODAY - number * 7 * DAY for number in range(2, 12)]
    assert silence("billing", weekly, NOW - 14 * DAY, NOW, ALARMS) is None
    assert silence("billing", weekly, NOW - 22 * DAY, NOW, ALARMS) is not None
