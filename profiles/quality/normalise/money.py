"""Amounts of money: `£1,299.00`, `1.299,00 EUR`, `49p`, `(12.50)`."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from profiles.quality.normalise.labels import label_of

_AMOUNT = re.compile(
    r"(?P<sign>[+-]?)(?P<before>[^\d+-]*)(?P<inner>[+-]?)\s*(?P<number>\d(?:[\d.,'\s]*\d)?)(?P<after>[^\d+-]*)(?P<end>-?)"
)
_GROUPS = re.compile(r"\d{1,3}(?:[^\d]\d{3})+")
LONGEST = 40


@dataclass(frozen=True)
class Amount:
    """So much of a currency; None when none was written."""

    value: Decimal
    currency: str | None


def amount_of(text: str) -> Amount | None:
    """Read an amount.

    A point that stands once and last divides off the pence, so does such a comma before one or two figures
    (`1,250` is a thousand and more, `1.250` is one and a quarter). Other signs must part thousands.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-").replace("\u2019", "'")
    if len(plain) > LONGEST:
        return None
    owed = plain.startswith("(") and plain.endswith(")")
    found = _AMOUNT.fullmatch(plain[1:-1] if owed else plain)
    if not found:
        return None
    signs = found["sign"] + found["inner"] + found["end"]
    number = _number(found["number"])
    if number is None or len(signs) + owed > 1:
        return None
    negative = owed or signs == "-"
    words = [word for word in (found["before"].strip(), found["after"].strip()) if word]
    if words == ["p"] and found["after"].strip() == "p":
        return Amount(_signed(number / 100, negative), "GBP")
    currencies = {label_of("currency", word) for word in words}
    if None in currencies or len(currencies) > 1:
        return None
    return Amount(_signed(number, negative), currencies.pop() if currencies else None)


def _signed(value: Decimal, negative: bool) -> Decimal:
    return -value if negative and value else value


def _number(text: str) -> Decimal | None:
    signs = [character for character in text if not character.isdecimal()]
    if not signs:
        return Decimal(text)
    last = signs[-1]
    whole, _, rest = text.rpartition(last)
    if signs.count(last) == 1 and (last == "." or (last == "," and len(rest) < 3)):
        if len(set(signs[:-1])) > 1 or (len(signs) > 1 and not _GROUPS.fullmatch(whole)):
            return None
        return Decimal(f"{''.join(filter(str.isdecimal, whole)) or '0'}.{rest}")
    if len(set(signs)) > 1 or not _GROUPS.fullmatch(text):
        return None
    return Decimal("".join(filter(str.isdecimal, text)))
