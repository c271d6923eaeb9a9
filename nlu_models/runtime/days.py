"""Days and spans of days as ISO 8601 text, and the feast days of a British shop's year."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

from dateutil.easter import easter
from dateutil.relativedelta import MO, SU, TH, relativedelta

from nlu_models.runtime.tense import Tense

FEASTS: dict[str, Callable[[int], date]] = {
    "new year day": lambda year: date(year, 1, 1),
    "new year eve": lambda year: date(year, 12, 31),
    "new year": lambda year: date(year, 1, 1),
    "valentine day": lambda year: date(year, 2, 14),
    "valentine": lambda year: date(year, 2, 14),
    "mother day": lambda year: easter(year) - timedelta(21),
    "good friday": lambda year: easter(year) - timedelta(2),
    "easter sunday": easter,
    "easter monday": lambda year: easter(year) + timedelta(1),
    "easter": easter,
    "father day": lambda year: date(year, 6, 1) + relativedelta(weekday=SU(3)),
    "halloween": lambda year: date(year, 10, 31),
    "bonfire night": lambda year: date(year, 11, 5),
    "black friday": lambda year: date(year, 11, 1) + relativedelta(weekday=TH(4)) + timedelta(1),
    "cyber monday": lambda year: date(year, 11, 1) + relativedelta(weekday=TH(4)) + timedelta(4),
    "christmas eve": lambda year: date(year, 12, 24),
    "christmas day": lambda year: date(year, 12, 25),
    "christmas": lambda year: date(year, 12, 25),
    "boxing day": lambda year: date(year, 12, 26),
    "early may bank holiday": lambda year: date(year, 5, 1) + relativedelta(weekday=MO(1)),
}


#: How far ahead a date without a verb may lie.
_NEAR = timedelta(45)


def span(first: date, last: date) -> str:
    """`2026-11-09/2026-11-15`."""
    return f"{first.isoformat()}/{last.isoformat()}"


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(day.weekday())


def week(day: date) -> str:
    """Monday to Sunday of a day's week."""
    return span(monday_of(day), monday_of(day) + timedelta(6))


def weekend(day: date) -> str:
    """Saturday and Sunday of a day's week."""
    return span(monday_of(day) + timedelta(5), monday_of(day) + timedelta(6))


def month(year: int, number: int) -> str:
    """`2026-11`."""
    return f"{year}-{number:02}"


def end_of_month(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def third_of_month(year: int, number: int, part: str) -> str:
    """The days 1 to 10, 11 to 20 or the rest: what `early`, `mid` and `late` mean."""
    first = date(year, number, 1)
    if part == "early":
        return span(first, first.replace(day=10))
    if part == "mid":
        return span(first.replace(day=11), first.replace(day=20))
    return span(first.replace(day=21), end_of_month(first))


def on_weekday(today: date, weekday: int, tense: Tense | None) -> date:
    """The last (past) or next weekday of that number (Monday is 0); today is neither.

    Without a tense it is the next: a day alone mostly answers "which day suits you?".
    """
    if tense == "past":
        return today - timedelta((today.weekday() - weekday) % 7 or 7)
    return today + timedelta((weekday - today.weekday()) % 7 or 7)


def day_of_month(today: date, number: int, tense: Tense | None) -> date | None:
    """The 3rd that was, that comes, or (without a tense) the likelier; None if no month near has that day."""
    firsts = [today.replace(day=1) + relativedelta(months=shift) for shift in range(-2, 3)]
    days = [first.replace(day=number) for first in firsts if end_of_month(first).day >= number >= 1]
    return chosen(days, today, tense)


def day_of_year(today: date, number: int, month_number: int, tense: Tense | None) -> date | None:
    """The 3 November that was, that comes, or the likelier; None if there is no such day."""
    days = []
    # Four years either way, so that a 29 February is found.
    for year in range(today.year - 4, today.year + 5):
        try:
            days.append(date(year, month_number, number))
        except ValueError:
            continue
    return chosen(days, today, tense)


def chosen(days: list[date], today: date, tense: Tense | None) -> date | None:
    """Of these days the last up to today, or the first from today on; None if there is none.

    Without a tense it is the coming one if that is near, for most dates of a support chat lie behind.
    """
    past = max((day for day in days if day <= today), default=None)
    future = min((day for day in days if day >= today), default=None)
    if tense == "past":
        return past
    if tense == "future" or past is None or future is None:
        return future
    return future if future - today <= min(_NEAR, today - past) else past
