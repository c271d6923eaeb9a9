"""What the words of a date mean: for each form of the grammar in `dates` its day, span, month or year."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from nlu_models.runtime import days
from nlu_models.runtime.date_words import MONTHS, ORDINAL_WORDS, SHORT_DAYS, WEEKDAYS
from nlu_models.runtime.tense import Tense

#: The value of a time that no calendar knows ("a few days ago"): the words themselves stand for it.
AS_WRITTEN = ""


@dataclass(frozen=True)
class Found:
    """A match, with what its meaning hangs on."""

    match: re.Match[str]
    today: date
    tense: Tense | None

    def word(self, name: str) -> str:
        """What a group (or its double in another branch, `name2`) holds; empty if nothing."""
        groups = self.match.groupdict()
        return groups.get(name) or groups.get(f"{name}2") or ""

    def number(self, name: str) -> int:
        """The figure in a group; 0 if it holds none."""
        return int(re.sub(r"\D", "", self.word(name)) or 0)

    def month(self) -> int:
        """The month that is named, from 1."""
        return MONTHS.index(self.word("month")) + 1

    def weekday(self) -> int:
        """The weekday that is named, Monday is 0."""
        name = self.word("weekday")
        return WEEKDAYS.index(SHORT_DAYS.get(name, name))


_DAYS_IN = {"day": 1, "week": 7, "fortnight": 14}
#: The most units that a customer reckons in; more would leave the calendar.
_MOST = 1_000

#: A value; None where the words turn out to be no date.
Meaning = Callable[[Found], str | None]


def iso(found: Found) -> str | None:
    return _day(found.number("year"), found.number("month"), found.number("day"))


def two_figures(found: Found) -> str | None:
    # "04/28" is when a card expires.
    return _iso(days.day_of_year(found.today, found.number("first"), found.number("second"), found.tense))


def three_figures(found: Found) -> str | None:
    number, month = _british(found)
    year = found.number("year")
    return _day(year if year > 99 else 2000 + year, month, number)


def _british(found: Found) -> tuple[int, int]:
    """Day and month of `12/11`: the day first, unless only the American order makes a date."""
    first, second = found.number("first"), found.number("second")
    return (first, second) if second <= 12 else (second, first)


def _day(year: int, month: int, number: int) -> str | None:
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        return None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def named_day(found: Found) -> str | None:
    number = ORDINAL_WORDS.get(found.word("ordinal")) or found.number("day")
    year = found.number("year") or (2000 + found.number("short") if found.word("short") else 0)
    if year:
        return _day(year, found.month(), number)
    return _iso(days.day_of_year(found.today, number, found.month(), found.tense))


def named_span(found: Found) -> str | None:
    """`the 12th to 14th of November`."""
    first = days.day_of_year(found.today, found.number("first"), found.month(), found.tense)
    last = _day(first.year, found.month(), found.number("last")) if first else None
    return f"{first.isoformat()}/{last}" if first and last and first.isoformat() < last else None


def nth(found: Found) -> str | None:
    return _iso(days.day_of_month(found.today, found.number("day"), found.tense))


def weekday(found: Found) -> str:
    number, which, today = found.weekday(), found.word("which"), found.today
    if which == "next":
        # As the British mean it: that day of next week, not the one just ahead.
        return (days.monday_of(today) + timedelta(7 + number)).isoformat()
    if which in {"last", "past", "previous"}:
        return days.on_weekday(today, number, "past").isoformat()
    if which in {"this", "coming", "this coming"}:
        return days.on_weekday(today, number, found.tense if which == "this" else "future").isoformat()
    return days.on_weekday(today, number, found.tense).isoformat()


def weekday_and_week(found: Found) -> str:
    """`friday week`, `a week on friday`: a week after the next one."""
    number = found.weekday()
    return (days.on_weekday(found.today, number, "future") + timedelta(7)).isoformat()


def weekday_of_week(found: Found) -> str:
    number = found.weekday()
    shift = {"last": -7, "next": 7}.get(found.word("which"), 0)
    return (days.monday_of(found.today) + timedelta(shift + number)).isoformat()


def days_off(days: int) -> Meaning:
    return lambda found: (found.today + timedelta(days)).isoformat()


def ago(found: Found) -> str | None:
    return _shifted(found, -1)


def ahead(found: Found) -> str | None:
    # "Not used in two years" looks back over a time of no certain end.
    return None if found.tense == "past" else _shifted(found, 1)


def _shifted(found: Found, sign: int) -> str | None:
    count, unit = _count(found), found.word("unit")
    if count is None:
        return AS_WRITTEN
    if count > _MOST:
        return None
    if unit == "month":
        day = found.today + relativedelta(months=sign * count)
        return days.month(day.year, day.month)
    if unit == "year":
        return f"{found.today.year + sign * count:04}"
    return (found.today + timedelta(sign * _DAYS_IN.get(unit, 0) * count)).isoformat()


def lately(found: Found) -> str | None:
    """`the past 3 days`: up to today."""
    count, unit = _count(found), found.word("unit")
    if count is None:
        return AS_WRITTEN
    if count > _MOST:
        return None
    if unit in {"month", "year"}:
        back = relativedelta(months=count * (12 if unit == "year" else 1))
        return days.span(found.today - back, found.today)
    return days.span(found.today - timedelta(_DAYS_IN[unit] * count), found.today)


def _count(found: Found) -> int | None:
    written = found.word("count")
    if not written:
        return None
    return found.number("count") or (2 if "couple" in written else 1)


def unit(found: Found) -> str:
    shift = {"last": -1, "next": 1, "previous": -1, "coming": 1, "following": 1}.get(found.word("which"), 0)
    unit, today = found.word("unit"), found.today
    if unit == "year":
        return str(today.year + shift)
    if unit == "month":
        day = today + relativedelta(months=shift)
        return days.month(day.year, day.month)
    day = today + timedelta(7 * shift)
    return days.weekend(day) if unit == "weekend" else days.week(day)


def weekend(found: Found) -> str:
    back = found.tense == "past" and found.today.weekday() < 5
    return days.weekend(found.today - timedelta(7 if back else 0))


def week_around(shift: int) -> Meaning:
    return lambda found: days.week(found.today + timedelta(7 * shift))


def edge(found: Found) -> str:
    """`the end of next month`, `the beginning of the week`."""
    shift = {"last": -1, "next": 1}.get(found.word("which"), 0)
    unit, at_end = found.word("unit"), found.word("edge").startswith("end")
    if unit == "week":
        monday = days.monday_of(found.today) + timedelta(7 * shift)
        return (monday + timedelta(6 if at_end else 0)).isoformat()
    if unit == "year":
        year = found.today.year + shift
        return date(year, 12 if at_end else 1, 31 if at_end else 1).isoformat()
    first = found.today.replace(day=1) + relativedelta(months=shift)
    return (days.end_of_month(first) if at_end else first).isoformat()


def month(found: Found) -> str:
    number, part = found.month(), found.word("part")
    year = found.number("year") or _year_of_month(found, number)
    if not part:
        return days.month(year, number)
    part = {"start": "early", "beginning": "early", "middle": "mid", "end": "late"}.get(part, part)
    return days.third_of_month(year, number, part)


def _year_of_month(found: Found, number: int) -> int:
    which, here = found.word("which"), found.today.replace(day=1)
    firsts = [here.replace(year=here.year + shift, month=number) for shift in (-1, 0, 1)]
    if which in {"last", "next"}:
        # "Last November" said in November is not this one.
        firsts = [first for first in firsts if first != here]
    tense: Tense | None = "past" if which == "last" else "future" if which == "next" else found.tense
    near = days.chosen(firsts, here, tense)
    return near.year if near else here.year


def feast(falls: Callable[[int], date]) -> Meaning:
    """The feast that falls on that day of a year."""
    return lambda found: _feast(found, falls)


def _feast(found: Found, falls: Callable[[int], date]) -> str | None:
    if found.number("year"):
        return falls(found.number("year")).isoformat()
    which = found.word("which")
    past = which == "last" or (found.tense == "past" and not which)
    here = found.today.year
    return _iso(
        days.chosen(
            [falls(year) for year in (here - 1, here, here + 1)], found.today, "past" if past else "future"
        )
    )


def year(found: Found) -> str:
    return found.word("year")


def words(_found: Found) -> str:
    return AS_WRITTEN
