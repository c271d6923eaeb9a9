"""A day that is still to come, as customers write it: "Friday", "the 27th", "in three days"."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from actions.quantities import NUMBER_WORDS

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_WEEKDAY = re.compile(r"\b(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?s?\b", re.I)
_IN_DAYS = re.compile(rf"\bin (\d{{1,2}}|{'|'.join(NUMBER_WORDS)}) days?\b", re.I)
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}\b", re.I)
_MONTH_DAY = re.compile(rf"\b{_MONTH} (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b", re.I)
_NUMERIC = re.compile(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.]\d{2,4})?\b")
_ORDINAL = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)\b", re.I)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_ahead(text: str, marked: Sequence[str], today: date) -> date | None:
    """The day after today that the text names; None without one, or with two.

    Args:
        marked: dates that the understanding found, as ISO 8601 values; used when the words themselves tell none.
    """
    for read in (_relative, _by_month, _by_weekday, _by_number):
        found = {day for day in read(text.lower(), today) if day > today}
        if found:
            return found.pop() if len(found) == 1 else None
    days = {date.fromisoformat(value) for value in marked if _ISO.fullmatch(value)}
    ahead = {day for day in days if day > today}
    return ahead.pop() if len(ahead) == 1 else None


def _relative(text: str, today: date) -> set[date]:
    if "day after tomorrow" in text:
        return {today + timedelta(2)}
    if "tomorrow" in text:
        return {today + timedelta(1)}
    if match := _IN_DAYS.search(text):
        return {today + timedelta(NUMBER_WORDS.get(match[1], 0) or int(match[1]))}
    return set()


def _by_month(text: str, today: date) -> set[date]:
    named = [(int(m[1]), _MONTHS.index(m[2]) + 1) for m in _DAY_MONTH.finditer(text)]
    named += [(int(m[2]), _MONTHS.index(m[1]) + 1) for m in _MONTH_DAY.finditer(text)]
    named += [(int(m[1]), int(m[2])) for m in _NUMERIC.finditer(text)]
    return {day for number, month in named if (day := _next(today, number, month))}


def _by_weekday(text: str, today: date) -> set[date]:
    found = {_DAYS.index(match[1].lower()[:3]) for match in _WEEKDAY.finditer(text)}
    return {today + timedelta((weekday - today.weekday()) % 7 or 7) for weekday in found}


def _by_number(text: str, today: date) -> set[date]:
    numbers = {int(match[1]) for match in _ORDINAL.finditer(text)}
    months = (today.month, today.month % 12 + 1)
    days = {number: [_next(today, number, month) for month in months] for number in numbers}
    return {min(day for day in found if day) for found in days.values() if any(found)}


def _next(today: date, number: int, month: int) -> date | None:
    """The next such day of such a month."""
    for year in (today.year, today.year + 1):
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if day > today:
            return day
    return None
