"""Entities with a fixed form: order ids, e-mail addresses, phone and card numbers, money.

Each finder reads the whole message; `find_patterns` gives them in the order of precedence, so that
the digits of a card or a phone number are never taken for an order.
"""

import re
from collections.abc import Iterator

from nlu_models.runtime.characters import plain
from nlu_models.runtime.identifiers import EMAIL, OWN_ORDER
from nlu_models.runtime.money import find_money
from nlu_models.runtime.spans import Entity, without_overlaps

# In the groups that are printed on it, so that an order id just before it is left alone.
_PRINTED_CARD = re.compile(
    r"(?<![\d+])(?:\d{4}(?:[ .-]{0,2}\d{4}){3}|3[47]\d\d[ .-]{0,2}\d{6}[ .-]{0,2}\d{5})(?!\w)"
)
# 13 to 19 digits, alone or in groups, but no two dates and no three orders. With dots they could be prices.
_CARD = re.compile(
    r"(?<![\w+])(?<!\d-)(?!\d{4}-\d\d-\d\d(?!\d)|\d\d-\d\d-\d{4}(?!\d)|\d{6}(?:[ -]{1,2}\d{6}){2}(?!\d))"
    r"\d(?:[ -]{0,2}\d){12,18}(?!\w)"
)

_PHONE = re.compile(
    r"""(?<![\w+.£$€#-])(?:
        \+\d{1,3}(?:[ -]{1,2}|\.)?(?:\(0\)[ ]{0,2})?\(?\d{1,5}\)?(?:(?:[ -]{1,2}|\.)?\d{2,5}){1,4}   # +44 7700 900123, +1 (977) 625-2661
      | 00\d{2}(?:[ -]{1,2}|\.)?\d{2,5}(?:(?:[ -]{1,2}|\.)?\d{2,5}){1,3}   # 0044 7700 900123
      | 0(?:[ ]{1,2}\d){9,10}                                              # dictated: 0 7 7 0 0 9 0 0 1 2 3
      | \(?0\d{2,4}\)?(?:[ -]{1,2}|\.)?\d{3,4}(?:[ -]{1,2}|\.)?\d{3,4}     # 07700 900123, (020) 7946 0958
      | (?:1[ .-])?(?:\(\d{3}\)(?:[ -]{1,2}|\.)?|\d{3}(?:[ -]{1,2}|\.))\d{3}(?:[ -]{1,2}|\.)?\d{4}   # (977) 625-2661, 977-625-2661
    )(?![\w-])""",
    re.VERBOSE,
)
# Digits alone are a phone number only when the words before them say so.
_BARE_PHONE = re.compile(
    r"""\b(?:phone|mobile|mob|cell|tel|telephone|landline|call|ring|text|whatsapp|contact)\b
        [^\d\n]{0,25}?(?<!\d)(\d{7,12})(?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)

_NAMED_ORDER = re.compile(
    r"""(?:\#\s?|\border\s*(?:number|num|no|nr|id|ref(?:erence)?)\b[\s.:#]*+(?:(?:is|was)\b\s*+[:#]?\s*+)?)
        (\d{3,12})(?![\w-]|[.,]\d)""",
    re.VERBOSE | re.IGNORECASE,
)
_BARE_ORDER = re.compile(r"(?<![\w+£$€/.,:@-])(\d{6,12})(?![\w/@-]|[.,:]\d)")
_NOT_AN_ORDER_BEFORE = re.compile(
    r"""\b(?:code|pin|otp|passcode|password|zip|postcode|account|acct|sort|imei|serial|model|phone|mobile)\b
        [^\d.?!\n]{0,20}$""",
    re.VERBOSE | re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"\s?(?:%|(?:mah|w|watts?|gb|mb|tb|km|miles?|points?|rpm|lumens?|lm|btus?|hours?|hrs?|days?|times|people|users?)\b)",
    re.IGNORECASE,
)


def find_patterns(text: str) -> list[Entity]:
    """Everything of a fixed form in `text`, without overlaps."""
    emails = [*_emails(text)]
    text = plain(text)
    found = [*emails, *_own_orders(text), *_phones(text)]
    found += [*_cards(text), *find_money(text), *_orders(text)]
    return without_overlaps(found)


def _emails(text: str) -> Iterator[Entity]:
    for match in EMAIL.finditer(text):
        yield Entity("email", match.group().lower(), match.start(), match.end(), "rules", 1.0)


def _phones(text: str) -> Iterator[Entity]:
    for match in _PHONE.finditer(text):
        number = _digits(match.group())
        # An international number has 8 to 15 digits (E.164), a British one with its zero 10 or 11.
        longest = 15 if match.group().startswith(("+", "00")) else 11
        if 9 <= len(number) - number.startswith("00") * 2 <= longest:
            plus = "+" if match.group().startswith("+") else ""
            yield Entity("phone", plus + number, match.start(), match.end(), "rules", 1.0)
    for match in _BARE_PHONE.finditer(text):
        yield Entity("phone", match.group(1), match.start(1), match.end(1), "rules", 0.8)


def _cards(text: str) -> Iterator[Entity]:
    for match in (*_PRINTED_CARD.finditer(text), *_CARD.finditer(text)):
        number = _digits(match.group())
        # Masked whether or not the check digit fits: a mistyped card number is still one.
        yield Entity(
            "card_number",
            f"**** {number[-4:]}",
            match.start(),
            match.end(),
            "rules",
            1.0 if luhn_holds(number) else 0.7,
        )


def luhn_holds(number: str) -> bool:
    """Whether the check digit of a card number fits (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _own_orders(text: str) -> Iterator[Entity]:
    for match in OWN_ORDER.finditer(text):
        value = f"RP-{_digits(match.group(1))}"
        yield Entity("order_id", value, match.start(), match.end(), "rules", 1.0)


def _orders(text: str) -> Iterator[Entity]:
    for match in _NAMED_ORDER.finditer(text):
        start = match.start() if match.group().startswith("#") else match.start(1)
        yield Entity("order_id", _order_value(match.group(1)), start, match.end(), "rules", 0.95)
    for match in _BARE_ORDER.finditer(text):
        if _NOT_AN_ORDER_BEFORE.search(text[max(0, match.start() - 40) : match.start()]) or _UNIT_AFTER.match(
            text, match.end()
        ):
            continue
        yield Entity("order_id", _order_value(match.group(1)), match.start(), match.end(), "rules", 0.9)


def _order_value(digits: str) -> str:
    """Six digits are an order of ours; others are kept as they are, so that the bot can say they are not."""
    return f"RP-{digits}" if len(digits) == 6 else digits


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
