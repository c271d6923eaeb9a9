"""Amounts of money, in figures and in words, as `£40.00`."""

import re
from collections.abc import Iterator

from nlu_models.runtime.characters import plain
from nlu_models.runtime.number_words import SMALL
from nlu_models.runtime.spans import Entity

_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?"
_UNIT = r"£|\$|€|pounds?|quid|gbp|sterling|dollars?|bucks|usd|euros?|eur|pence|pennies|p|grand"
_SIGN_FIRST = re.compile(rf"([£$€])\s?({_AMOUNT})(?!\d)(?:\s?(k\b|grand\b))?", re.IGNORECASE)
_CODE_FIRST = re.compile(rf"\b(gbp|usd|eur)\s?({_AMOUNT})(?!\d)()", re.IGNORECASE)
# "20 pounds 50": what follows are pence.
_WORD_AFTER = re.compile(
    rf"(?<![\w.,£$€#-])({_AMOUNT})\s?(k)?\s?({_UNIT})(?!\w)(?:\s(?:and\s)?(\d\d)(?:\s?p(?:ence)?)?(?![\w%.,/:-]|\s\w))?",
    re.IGNORECASE,
)
_NOTES = re.compile(r"\b(?:a|an|one)\s+(fiver|tenner|grand)\b", re.IGNORECASE)
_NOTE_VALUES = {"fiver": "£5.00", "tenner": "£10.00", "grand": "£1000.00"}

_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = (
    {word: number for number, word in enumerate(SMALL)}
    | {word: 10 * number for number, word in enumerate(_TENS, start=2)}
    | {"fourty": 40, "a": 1}
)
_NUMBER_WORD = "|".join([*_VALUES, "hundred", "thousand"])
_IN_WORDS = re.compile(
    rf"\b((?:{_NUMBER_WORD})(?:(?:\s|-|\sand\s)(?:{_NUMBER_WORD})){{0,6}})\s({_UNIT})\b"
    rf"(?:\s(?:and\s)?((?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(SMALL[1:10])}))?)(?:\s(?:p|pence))?(?!\s\w))?",
    re.IGNORECASE,
)
_SIGN_OF = {
    **dict.fromkeys(
        ("£", "pound", "pounds", "quid", "gbp", "sterling", "grand", "pence", "p", "pennies"), "£"
    ),
    **dict.fromkeys(("$", "dollar", "dollars", "bucks", "usd"), "$"),
    **dict.fromkeys(("€", "euro", "euros", "eur"), "€"),
}
#: From here on figures are no sum that a customer means.
_NO_AMOUNT = 1e12


def find_money(text: str) -> Iterator[Entity]:
    """Amounts with a currency; a sum without one is none."""
    text = plain(text)
    for match in (*_SIGN_FIRST.finditer(text), *_CODE_FIRST.finditer(text)):
        sign, amount, thousands = match.groups()
        yield from _entity(sign, _number(amount) * (1000 if thousands else 1), match)
    for match in _WORD_AFTER.finditer(text):
        amount, thousands, unit, pence = match.groups()
        number = _number(amount) * (1000 if thousands else 1)
        yield from _entity(unit, number + _pence(unit, int(pence or 0)), match)
    for match in _IN_WORDS.finditer(text):
        words, unit, pence = match.groups()
        # "A pound" is no sum ("the pound fell", "a p.").
        if words.lower() != "a":
            yield from _entity(unit, _in_figures(words) + _pence(unit, _in_figures(pence or "")), match)
    for match in _NOTES.finditer(text):
        value = _NOTE_VALUES[match.group(1).lower()]
        yield Entity("money", value, match.start(), match.end(), "rules", 0.8)


def _entity(unit: str, number: float, match: re.Match[str]) -> Iterator[Entity]:
    unit = unit.lower()
    if unit in {"p", "pence", "pennies"}:
        number /= 100
    elif unit == "grand":
        number *= 1000
    if number < _NO_AMOUNT:
        yield Entity("money", f"{_SIGN_OF[unit]}{number:.2f}", match.start(), match.end(), "rules", 1.0)


def _number(amount: str) -> float:
    return float(amount.replace(",", ""))


def _pence(unit: str, pence: int) -> float:
    return 0.0 if unit.lower() in {"p", "pence", "pennies", "grand"} else pence / 100


def _in_figures(words: str) -> int:
    """`a hundred and twenty-five` → 125."""
    whole = part = 0
    for word in re.split(r"[\s-]+", words.lower()):
        if word == "hundred":
            part = (part or 1) * 100
        elif word == "thousand":
            whole, part = whole + (part or 1) * 1000, 0
        else:
            part += _VALUES.get(word, 0)
    return whole + part
