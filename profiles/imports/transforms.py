"""From what stands in a cell to a value; None for what is not understood."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from profiles.protocol import utc_text
from profiles.quality.normalise import (
    amount_of,
    day_of,
    email_of,
    label_of,
    moment_of,
    phone_of,
    postcode_of,
)


@dataclass(frozen=True)
class Reading:
    """How the cells of a file are written: see `mapping.Mapping` and `mapping.Value`."""

    country: str
    month_first: bool
    timezone: str
    separator: str


#: A day in any spelling and a time behind it.
_DAY_AND_TIME = re.compile(r"(.+?)[ ,T]+(\d{1,2}:\d{2}(?::\d{2})?)")


_TRUTH = {
    **dict.fromkeys(("true", "yes", "y", "1", "on"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off"), False),
}


def _text(value: Any, _how: Reading) -> str | None:
    if isinstance(value, bool | list | dict) or "\x00" in str(value):
        return None
    return str(value).strip() or None


def _number(value: Any, _how: Reading) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    amount = amount_of(str(value))
    if amount is None or amount.currency is not None:
        return None
    return int(amount.value) if amount.value == int(amount.value) else float(amount.value)


def _pounds(value: Any, how: Reading) -> float | None:
    """Money; an amount in another currency is not understood."""
    amount = amount_of(str(value)) if isinstance(value, str) else None
    if amount is not None and amount.currency not in {None, "GBP"}:
        return None
    return float(amount.value) if amount is not None else _number(value, how)


def _boolean(value: Any, _how: Reading) -> bool | None:
    return value if isinstance(value, bool) else _TRUTH.get(str(value).strip().lower())


def _texts(value: Any, how: Reading) -> list[str] | None:
    parts = value if isinstance(value, list) else str(value).split(how.separator)
    texts = [str(part).strip() for part in parts if str(part).strip()]
    return None if any("\x00" in text for text in texts) else texts


def _moment(value: Any, how: Reading) -> str | None:
    moment = value if isinstance(value, datetime) else _written(str(value), how)
    if moment is None:
        return moment_of(value, month_first=how.month_first) if isinstance(value, str | int | float) else None
    try:
        return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(how.timezone)))
    except OverflowError:
        return None


def _written(text: str, how: Reading) -> datetime | None:
    """A moment as it stands there, mostly without a zone."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        apart = _DAY_AND_TIME.fullmatch(text)
    day = _day_of(apart[1] if apart else text, how.month_first)
    hour, _, rest = (apart[2] if apart else "0:00").partition(":")
    try:
        return None if day is None else datetime.fromisoformat(f"{day}T{hour:0>2}:{rest}")
    except ValueError:
        return None


@lru_cache(maxsize=10_000)
def _day_of(text: str, month_first: bool) -> str | None:
    """Files have many rows and few days."""
    return day_of(text, month_first=month_first)


def _day(value: Any, how: Reading) -> str | None:
    said = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return _day_of(said, how.month_first)


def _email(value: Any, _how: Reading) -> str | None:
    return email_of(str(value))


def _phone(value: Any, how: Reading) -> str | None:
    return phone_of(str(value), how.country)


def _postcode(value: Any, how: Reading) -> str | None:
    return postcode_of(str(value), how.country)


def _label(kind: str, value: Any, _how: Reading) -> str | None:
    return label_of(kind, str(value))


#: What `as` can say.
TRANSFORMS: Mapping[str, Callable[[Any, Reading], Any]] = {
    "text": _text,
    "number": _number,
    "pounds": _pounds,
    "boolean": _boolean,
    "texts": _texts,
    "moment": _moment,
    "day": _day,
    "email": _email,
    "phone": _phone,
    "postcode": _postcode,
    **{
        kind: partial(_label, kind)
        for kind in ("channel", "country", "currency", "issue", "language", "outcome", "priority", "tier")
    },
}
