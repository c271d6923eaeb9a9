"""One spelling for equal values, by the kind of their column."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal

import phonenumbers

Kind = Literal[
    "record",
    "given_name",
    "surname",
    "full_name",
    "date",
    "postcode",
    "house_number",
    "street",
    "city",
    "phone",
    "email",
    "identifier",
    "category",
    "text",
    "ignore",
]

DateOrder = Literal["ymd", "dmy", "mdy"]

_PARTS = re.compile(r"^(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ].*)?$")
_WRITTEN_OUT = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")
_NOT_WORD = re.compile(r"[^\w]+|_")


def plain(value: str) -> str:
    """Lower case without accents; whatever is not a letter or digit becomes one space."""
    decomposed = unicodedata.normalize("NFKD", value.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return _NOT_WORD.sub(" ", letters).strip()


def date_order(values: Iterable[str]) -> DateOrder:
    """In which order a column's dates are written; day first where nothing tells."""
    later = 0
    for value in values:
        if parts := _PARTS.match(value):
            if len(parts[1]) == 4:
                return "ymd"
            if int(parts[1]) > 12:
                return "dmy"
            later += int(parts[2]) > 12
    return "mdy" if later else "dmy"


def date(value: str, order: DateOrder) -> str:
    """A date as YYYYMMDD; also an impossible one, which may be a slip of the true one. '' when it is none."""
    if value.isdecimal() and len(value) == 8:
        return value if order == "ymd" or value[:2] in ("18", "19", "20") else _eight(value, order)
    if parts := _PARTS.match(value):
        first, second, third = parts.groups()
        if len(first) == 4:
            year, month, day = first, second, third
        elif order == "mdy":
            month, day, year = first, second, third
        else:
            day, month, year = first, second, third
        return _full_year(year) + month.zfill(2) + day.zfill(2)[:2]
    words = plain(value)
    for form in _WRITTEN_OUT:
        try:
            return datetime.strptime(words, form).strftime("%Y%m%d")
        except ValueError:
            continue
    return ""


def _eight(value: str, order: DateOrder) -> str:
    first, second = value[:2], value[2:4]
    return value[4:] + (first + second if order == "mdy" else second + first)


def _full_year(year: str) -> str:
    if len(year) == 4:
        return year
    this_year = datetime.now().year % 100
    return ("19" if int(year) > this_year else "20") + year.zfill(2)[-2:]


def phone(value: str) -> str:
    """A number with its country's code, the United Kingdom's where none is given; else its digits."""
    try:
        number = phonenumbers.parse(value, "GB")
    except phonenumbers.NumberParseException:
        return "".join(character for character in value if character.isdecimal())
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email(value: str) -> str:
    """An address in lower case, without what follows a plus sign in its first part."""
    name, at, domain = unicodedata.normalize("NFKC", value).casefold().replace(" ", "").partition("@")
    return name.partition("+")[0] + at + domain


def _joined(value: str) -> str:
    # A space too many or too few is a frequent slip, and tells no two people apart.
    return plain(value).replace(" ", "")


_NORMALISERS: dict[Kind, Callable[[str], str]] = {
    "phone": phone,
    "email": email,
    "text": plain,
}


def normalise(kind: Kind, values: list[str]) -> list[str | None]:
    """A column's values in one spelling; None for a missing one."""
    if kind == "date":
        order = date_order(values)
        return [date(value, order) or None for value in values]
    spell = _NORMALISERS.get(kind, _joined)
    return [spell(value) or None for value in values]
