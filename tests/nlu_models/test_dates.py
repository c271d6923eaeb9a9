"""Dates: which words are one, and what they mean on a given day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu_models.runtime.dates import find_dates
from nlu_models.runtime.days import FEASTS

SUNDAY = date(2026, 11, 22)


def values(text: str, today: date = SUNDAY) -> list[str]:
    return [entity.value for entity in find_dates(text, today)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # From today.
        ("today", "2026-11-22"),
        ("it comes tomorrow morning", "2026-11-23"),
        ("the day after tomorrow", "2026-11-24"),
        ("YESTERDAY", "2026-11-21"),
        ("last night", "2026-11-21"),
        ("two weeks ago", "2026-11-08"),
        ("a couple of days ago", "2026-11-20"),
        ("an hour ago", "2026-11-22"),
        ("in 3 days", "2026-11-25"),
        ("in two weeks' time", "2026-12-06"),
        ("three months ago", "2026-08"),
        ("in the last 3 days", "2026-11-19/2026-11-22"),
        # Weekdays.
        ("next friday", "2026-11-27"),
        ("last tuesday", "2026-11-17"),
        ("this thursday", "2026-11-26"),
        ("friday week", "2026-12-04"),
        ("a week on tuesday", "2026-12-01"),
        ("on sat", "2026-11-28"),
        ("Tues", "2026-11-24"),
        # A day of a month, the British order.
        ("the 3rd of November", "2026-11-03"),
        ("Friday 27th November", "2026-11-27"),
        ("march 3rd", "2026-03-03"),
        ("12 Nov '25", "2025-11-12"),
        ("12/11", "2026-11-12"),
        ("12/11/2026", "2026-11-12"),
        ("11/25/2026", "2026-11-25"),
        ("25.12.26", "2026-12-25"),
        ("2026-11-03", "2026-11-03"),
        ("on the 14th", "2026-11-14"),
        ("12th to 14th November", "2026-11-12/2026-11-14"),
        # Weeks, months, years.
        ("last week", "2026-11-09/2026-11-15"),
        ("the week before last", "2026-11-02/2026-11-08"),
        ("tuesday last week", "2026-11-10"),
        ("next month", "2026-12"),
        ("the end of the month", "2026-11-30"),
        ("at the end of last month", "2026-10-31"),
        ("mid-december", "2026-12-11/2026-12-20"),
        ("last november", "2025-11"),
        ("I ordered in october", "2026-10"),
        ("in may", "2026-05"),
        ("in december", "2026-12"),
        ("I bought it in 2019, honest", "2019"),
        # Feast days.
        ("before christmas", "2026-12-25"),
        ("on black friday", "2026-11-27"),
        ("cyber monday", "2026-11-30"),
        ("mother's day", "2027-03-07"),
        ("new years eve", "2026-12-31"),
        ("I have had it since easter", "2026-04-05"),
        # Misspelt and shortened.
        ("on wensday", "2026-11-25"),
        ("saterday", "2026-11-28"),
        ("10th of Novembr", "2026-11-10"),
        ("tmrw", "2026-11-23"),
        ("tommorow", "2026-11-23"),
        # What no calendar knows keeps its words.
        ("a few days ago", "a few days ago"),
        ("it was the other day", "the other day"),
    ],
)
def test_a_date_has_its_value(text: str, value: str) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("it arrived on friday", "2026-11-20"),
        ("was due friday and nothing came", "2026-11-20"),
        ("I havent heard anything since thursday", "2026-11-19"),
        ("my order from monday", "2026-11-16"),
        ("can it come on friday", "2026-11-27"),
        ("please deliver it on friday instead", "2026-11-27"),
        ("I need it delivered by friday", "2026-11-27"),
        ("i ordered it in september", "2026-09"),
        ("i paid on the 28th", "2026-10-28"),
        ("can you bring it on the 20th", "2026-12-20"),
        ("has he bought me anything for christmas", "2026-12-25"),
    ],
)
def test_the_verb_says_which_one_is_meant(text: str, value: str) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        *("may i ask a second question", "i march to your shop", "wait a second", "how may one pay"),
        *("i sat on it", "the sun lamp", "remember me", "a sundry item", "someday", "we wed next"),
        *("24/7 support", "9/10 would buy again", "1/2 price", "31/02/2026", "13/13", "4-5 working days"),
        *("the 1st one", "my 3rd message", "on the 2nd floor", "£45", "RP-101442", "version 12.11"),
        *("for two weeks", "ten days", "a 2 year guarantee", "open on mondays?", "", " \x00 "),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert values(text) == []


def test_two_dates_and_their_places() -> None:
    text = "Not  the 3rd, I said Friday!"
    assert [text[e.start : e.end] for e in find_dates(text, SUNDAY)] == ["the 3rd", "Friday"]


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.dates(date(2020, 1, 1), date(2035, 12, 31)))
def test_a_full_date_means_the_same_on_every_day(day: date, today: date) -> None:
    assert values(f"on {day:%d/%m/%Y}", today) == [day.isoformat()]
    assert values(f"{day.day} {day:%B} {day.year}", today) == [day.isoformat()]


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.sampled_from(range(7)))
def test_the_last_and_the_coming_weekday_are_within_a_week(today: date, weekday: int) -> None:
    name = (date(2026, 11, 16) + timedelta(weekday)).strftime("%A")
    [last], [coming] = values(f"it came on {name}", today), values(f"will it come on {name}", today)
    assert timedelta(0) < today - date.fromisoformat(last) <= timedelta(7)
    assert timedelta(0) < date.fromisoformat(coming) - today <= timedelta(7)


@given(
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    st.lists(
        st.sampled_from(
            [
                "last",
                "next",
                "the",
                "of",
                "29th",
                "31",
                "february",
                "week",
                "ago",
                "9999",
                "years",
                "in",
                "christmas",
                "on",
                "30/2",
                "'",
                "s",
                "may",
                "1",
            ]
        )
    ),
)
def test_no_words_break_it(today: date, words: list[str]) -> None:
    text = " ".join(words)
    end = 0
    for entity in sorted(find_dates(text, today), key=lambda found: found.start):
        assert end <= entity.start < entity.end <= len(text)
        assert entity.value
        end = entity.end


@pytest.mark.parametrize("feast", FEASTS)
@pytest.mark.parametrize("possessive", ["", "s", " s", "'s", " ' s", "’s"])
def test_every_feast_is_read_with_and_without_its_possessive(feast: str, possessive: str) -> None:
    written = feast.replace(" ", f"{possessive} ")
    [found] = find_dates(f"do you open on {written} 2027", SUNDAY)
    assert found.value == FEASTS[feast](2027).isoformat()


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    *" ".join(FEASTS).split(),
                    "s",
                    "'",
                    "’s",
                    "the",
                    "last",
                    "next",
                    "end of",
                    "31st",
                    "feb",
                    "0",
                ]
            ),
            st.text(st.sampled_from("0123456789/-. ıİſ\u00a0\u2011\ud83d"), max_size=8),
        ),
        max_size=10,
    )
)
def test_no_words_are_refused(words: list[str]) -> None:
    for text in (" ".join(words), "".join(words)):
        for entity in find_dates(text, SUNDAY):
            assert entity.value
            assert 0 <= entity.start < entity.end <= len(text)
