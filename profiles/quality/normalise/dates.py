"""Days and moments, as people and systems write them."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from profiles.protocol import utc_text

_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?\s*", re.IGNORECASE
)
_SPACES = re.compile(r"[\s,]+")
#: `Sept` is what people write.
_SEPTEMBER = re.compile(r"\bsept\b\.?", re.IGNORECASE)

_BY_NAME = (
    "%d %B %Y",
    "%d %b %Y",
    "%d %b. %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%b. %d %Y",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %y",
)
_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y %m %d")
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %m %Y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m %d %Y", "%m/%d/%y", "%m.%d.%y", "%m-%d-%y")

#: Numbers of these sizes are seconds and milliseconds since 1970, from 2001 on.
_SECONDS = range(10**9, 10**10)
_MILLISECONDS = range(10**12, 10**13)


def day_of(text: str, *, month_first: bool = False) -> str | None:
    """A day as `2026-11-22`; of a moment, the day that is written.

    Args:
        text: such as `22/11/26`, `22nd Nov 2026`, `Sunday, November 22, 2026`, `20261122`, an ISO moment.
        month_first: 3/4/2026 is March 4th, as Americans write it. Everybody else means April 3rd.
    """
    plain = _SPACES.sub(" ", _ORDINAL.sub("", _WEEKDAY.sub("", text.strip()))).strip()
    plain = _SEPTEMBER.sub("Sep", plain).removesuffix(".")
    if not plain.isascii():
        return None
    for form in (*_YEAR_FIRST, *(_MONTH_FIRST if month_first else _DAY_FIRST), *_BY_NAME):
        try:
            return datetime.strptime(plain, form).date().isoformat()
        except ValueError:
            continue
    try:
        return date.fromisoformat(plain[:10]).isoformat() if datetime.fromisoformat(plain) else None
    except ValueError:
        return None


def moment_of(value: str | float, *, month_first: bool = False) -> str | None:
    """A moment as `2026-11-22T09:30:00Z`: of ISO 8601, of an e-mail's header, of seconds or milliseconds since 1970.

    A time without a zone is taken as UTC, a day as its beginning.
    """
    if isinstance(value, int | float):
        return _since_1970(value)
    text = value.strip()
    if text.isdecimal() and text.isascii() and len(text) in {10, 13}:
        return _since_1970(int(text))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            continue
    day = day_of(text, month_first=month_first)
    return day and f"{day}T00:00:00Z"


def _since_1970(number: float) -> str | None:
    if int(number) in _SECONDS:
        return utc_text(datetime.fromtimestamp(number, UTC))
    return utc_text(datetime.fromtimestamp(number / 1000, UTC)) if int(number) in _MILLISECONDS else None
