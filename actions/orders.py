"""Which order does the customer mean, and how is it shown. Pure functions over orders that were looked up."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from rapidfuzz import fuzz

from actions.shop import Item, Order
from actions.wording import STATUS_WORDS, day, listed, pounds

OPEN = ("processing", "packed", "shipped", "out_for_delivery")
_ORDER_ID = re.compile(r"RP-\d{6}")
_ORDINALS = ({"first", "1st"}, {"second", "2nd"}, {"third", "3rd"}, {"fourth", "4th"}, {"fifth", "5th"})
_NUMBERS = ("one", "two", "three", "four", "five")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_NO_TIME = r"\b(?!\s+(week|month|night|time|year|(mon|tues|wednes|thurs|fri|satur|sun)day))"
#: The one before all others; a battery that lasts is none.
_LAST = r"((^\W*|\b(the|my|our|that)\s+(very\s+)?)last|last(?=\s+(one|order|purchase|parcel|delivery|thing|item|i)\b))"
_NEWEST = re.compile(
    rf"({_LAST}|\b(latest|newest|newer|most recent|recent one|just (placed|ordered|bought))){_NO_TIME}", re.I
)
_OLDEST = re.compile(rf"\b(oldest|older|earliest|first){_NO_TIME}", re.I)
_DEAREST = re.compile(
    r"\b((most|more) expensive|expensive one|dearest|dearer|priciest|pricier|costliest|biggest order)\b", re.I
)
_CHEAPEST = re.compile(r"\b(cheapest|the cheaper|cheaper (one|order)|least expensive|cheap one)\b", re.I)
#: A date that no model marked. Bare numbers are none.
_WRITTEN_DATE = re.compile(
    r"""\b((mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|this\ morning|last\ week
        |\d{1,2}(st|nd|rd|th)?(\ of)?\ (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*
        |(in|since|early|late|mid)\ (january|february|march|april|may|june|july|august|september|october|november|december)
        |\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})\b""",
    re.I | re.X,
)
_WRITTEN_AMOUNT = re.compile(
    r"(?:£\s?|\b)(\d{1,4}\.\d{2})\b|£\s?(\d{1,4})\b|\b(\d{1,4}) (?:quid|pounds?)\b", re.I
)
_IN_MONTH = re.compile(
    r"\b(january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
_LONGEST_PLACE = 6  # words: "first" in a longer message is seldom a place in a list
_NUMERIC_DATE = re.compile(r"(?:(\d{4})-(\d{2})-(\d{2}))|(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4}))")
_NAMED_DATE = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?:\s+of)?(?:\s+([a-z]{3,9}))?", re.I)
_MONTH_FIRST = re.compile(r"\b([a-z]{3,9})\s+(\d{1,2})(?:st|nd|rd|th)?\b", re.I)
#: What the entity extractor makes of "last week" and "in October" (ISO 8601).
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_LONGEST_SPAN = 366
#: How alike words and an item's name must be (0 to 100): below it "kettle" would find "candle".
_ALIKE = 80


def is_order_id(value: str) -> bool:
    """Whether it has the shop's form: `RP-` and six digits."""
    return _ORDER_ID.fullmatch(value) is not None


def pick(
    candidates: Sequence[Order],
    shown: Sequence[str],
    *,
    text: str,
    skus: Sequence[str],
    dates: Sequence[str],
    amounts: Sequence[str],
    today: date,
) -> list[Order]:
    """The candidates that the words fit: by place in the list shown, product, amount, date, age or price.

    "The last one" is the newest, for that is what customers mean by it; "the bottom one" is the last shown.

    Args:
        shown: ids of the orders that were offered, in the order shown.
        dates: the dates of the message, as ISO 8601 values where known, else as written.
        amounts: as `£40.00`.

    Returns:
        All that fit the first kind of hint which fits any, narrowed by words like "the newest" or "the cheaper";
        empty when there is no usable hint.
    """
    by_id = {order.order_id: order for order in candidates}
    place = place_meant(text, len(shown))
    if place is not None and shown[place] in by_id:
        return [by_id[shown[place]]]
    said = amounts_said(text, amounts)
    days = [*dates, *(match.group() for match in _WRITTEN_DATE.finditer(text))]
    hints = (
        [o for o in candidates if any(item.sku in skus for item in o.items)],
        [o for o in candidates if round(o.total, 2) in said],
        [o for o in candidates if any(round(item.price, 2) in said for item in o.items)],
        [o for o in candidates if any(int(o.total) == amount for amount in said)],
        [o for o in candidates if any(_same_day(o, words, today) for words in days)],
        [o for o in candidates if _names_an_item(text, o)],
    )
    fitting = next((found for found in hints if found), [])
    return _superlative(text, fitting or candidates) or fitting


def _superlative(text: str, orders: Sequence[Order]) -> list[Order]:
    """The one that "the newest", "the first", "the cheaper" or "the most expensive" means; empty without such words."""
    newest_first = sorted(orders, key=lambda order: order.placed_at, reverse=True)
    dearest_first = sorted(orders, key=lambda order: order.total, reverse=True)
    if _DEAREST.search(text):
        return dearest_first[:1]
    if _CHEAPEST.search(text):
        return dearest_first[-1:]
    if _NEWEST.search(text):
        return newest_first[:1]
    if _OLDEST.search(text):
        return newest_first[-1:]
    return []


def pick_items(
    items: Sequence[Item], *, text: str, skus: Sequence[str], amounts: Sequence[str], by_place: bool
) -> list[Item]:
    """The items of one order that the words name, by product, or by place and price if `by_place`."""
    if named := [item for item in items if item.sku in skus] or named_items(text, items):
        return named
    if not by_place:
        return []
    place = place_meant(text, len(items))
    if place is not None:
        return [items[place]]
    said = amounts_said(text, amounts)
    if priced := [item for item in items if round(item.price, 2) in said or int(item.price) in said]:
        return priced
    return _superlative_item(text, items)


def _superlative_item(text: str, items: Sequence[Item]) -> list[Item]:
    dearest_first = sorted(items, key=lambda item: item.price, reverse=True)
    if _DEAREST.search(text):
        return dearest_first[:1]
    if _CHEAPEST.search(text):
        return dearest_first[-1:]
    return list(items[-1:]) if _NEWEST.search(text) else []


def amounts_said(text: str, marked: Sequence[str]) -> set[float]:
    """The amounts in pounds in a message: those that were marked, and those that are plain to see in the text."""
    written = {float(next(filter(None, match.groups()))) for match in _WRITTEN_AMOUNT.finditer(text)}
    return written | {value for amount in marked if (value := pounds_value(amount)) is not None}


def place_meant(text: str, count: int) -> int | None:
    """Which of `count` things shown the words choose by its place ("the second", "2"), from 0."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    if count and {"bottom", "top"} & set(words) and len(words) <= _LONGEST_PLACE:
        return 0 if "top" in words else count - 1
    if len(words) <= _LONGEST_PLACE or re.search(
        r"\b(\w+(st|nd|rd|th)|first|second) (one|order|parcel)\b", text, re.I
    ):
        for index, names in enumerate(_ORDINALS[:count]):
            if names & set(words):
                return index
    words = [
        str(_NUMBERS.index(word) + 1) if word in _NUMBERS and "number" in words else word for word in words
    ]
    digits = [int(word) for word in words if word.isdecimal() and len(word) == 1]
    if len(digits) == 1 and len(words) <= 4 and 1 <= digits[0] <= count:
        return digits[0] - 1
    return None


def pounds_value(amount: str) -> float | None:
    """`£1,040.00` → 1040.0; None when it is no amount in pounds."""
    try:
        return round(float(amount.removeprefix("£").replace(",", "")), 2)
    except ValueError:
        return None


def _names_an_item(text: str, order: Order) -> bool:
    return any(named_items(text, [item]) for item in order.items)


def named_items(text: str, items: Sequence[Item]) -> list[Item]:
    """The items whose name the words hold in part: "the kettle" for "Quell Temperature Kettle"."""
    said = [word for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in _COMMON]
    return [
        item
        for item in items
        if any(
            fuzz.ratio(word, part) >= _ALIKE
            for word in said
            for part in re.findall(r"[a-z]{4,}", item.name.lower())
        )
    ]


#: Words of messages that are also in names of products.
_COMMON = frozenset(
    [
        "order",
        "item",
        "with",
        "that",
        "this",
        "smart",
        "home",
        "wireless",
        "size",
        "black",
        "white",
        "return",
        "cancel",
        "money",
    ]
)


def _same_day(order: Order, words: str, today: date) -> bool:
    meant = days_meant(words, today)
    return order.placed_at.date() in meant or (
        order.delivered_at is not None and order.delivered_at.date() in meant
    )


def days_meant(words: str, today: date) -> set[date]:
    """The days that a date can mean: as `nlu_models` values it, or as customers write it, British order.

    A month or a weekday without a year is never taken for one in the future.
    """
    if match := _SPAN.fullmatch(words):
        first, last = (_day(*(int(part) for part in end.split("-"))) for end in match.groups())
        if not first or not last:
            return set()
        days = (max(last) - min(first)).days
        return {min(first) + timedelta(n) for n in range(min(days, _LONGEST_SPAN) + 1)}
    if match := _MONTH.fullmatch(words):
        return {d for n in range(1, 32) for d in _day(int(match.group(1)), int(match.group(2)), n)}
    lower = words.lower()
    if match := _NUMERIC_DATE.search(lower):
        y, m, d, day_, month, year = match.groups()
        full = int(y) if y else (int(year) + 2000 if len(year) == 2 else int(year))
        return _day(full, int(m or month), int(d or day_))
    return _relative_days(lower, today) or _days_of_month(lower, today)


def _relative_days(lower: str, today: date) -> set[date]:
    if "yesterday" in lower:
        return {today - timedelta(1)}
    if "today" in lower or "this morning" in lower:
        return {today}
    for index, name in enumerate(_DAYS):
        if name in lower or re.search(rf"\b{name[:3]}\b", lower):
            back = (today.weekday() - index) % 7 or 7
            return {today - timedelta(back)} | ({today - timedelta(back + 7)} if "last" in lower else set())
    if "last week" in lower:
        monday = today - timedelta(today.weekday() + 7)
        return {monday + timedelta(n) for n in range(7)}
    return set()


def _days_of_month(lower: str, today: date) -> set[date]:
    found = _named_month(lower)
    if found is None:
        return _whole_month(lower, today)
    number, month_number = found
    years = (today.year, today.year - 1)
    months = [month_number] if month_number else [today.month, (today - timedelta(today.day)).month]
    days = {d for y in years for m in months for d in _day(y, m, number) if d <= today}
    return {max(days)} if days else set()


def _whole_month(lower: str, today: date) -> set[date]:
    """All days up to today of a month that is named without a day: "in November"."""
    match = _IN_MONTH.search(lower)
    if match is None:
        return set()
    month = _MONTHS.index(match.group(1)[:3]) + 1
    year = today.year if month <= today.month else today.year - 1
    return {d for number in range(1, 32) for d in _day(year, month, number) if d <= today}


def _named_month(lower: str) -> tuple[int, int | None] | None:
    for match in _MONTH_FIRST.finditer(lower):
        if match.group(1)[:3] in _MONTHS:
            return int(match.group(2)), _MONTHS.index(match.group(1)[:3]) + 1
    for match in _NAMED_DATE.finditer(lower):
        month = (match.group(2) or "")[:3]
        return int(match.group(1)), _MONTHS.index(month) + 1 if month in _MONTHS else None
    return None


def _day(year: int, month: int, number: int) -> set[date]:
    try:
        return {date(year, month, number)}
    except ValueError:
        return set()


def item_names(items: Sequence[Item]) -> str:
    """`2 × Brindle Mug and a kettle`, at most three by name."""
    names = [f"{item.quantity} × {item.name}" if item.quantity > 1 else item.name for item in items[:3]]
    if len(items) > 3:
        names.append(f"{len(items) - 3} more")
    return listed(names)


def card(order: Order) -> dict[str, Any]:
    """The order as a card of docs/contracts.md."""
    lines = [item_names(order.items)]
    if order.carrier and order.tracking_code:
        lines.append(f"{order.carrier}, tracking code {order.tracking_code}")
    if order.delivered_at:
        lines.append(f"Delivered on {day(order.delivered_at)}")
    return {
        "kind": "order",
        "order_id": order.order_id,
        "status": order.status,
        "title": f"Order {order.order_id}: {STATUS_WORDS.get(order.status, order.status)}",
        "lines": lines,
        "total": pounds(order.total),
        "placed": order.placed_at.date().isoformat(),
        "eta": order.expected_at.date().isoformat() if order.expected_at and order.status in OPEN else None,
    }


def label(order: Order) -> str:
    """The title of a quick reply that chooses this order; within 60 characters."""
    text = f"{order.order_id}: {order.items[0].name if order.items else pounds(order.total)}"
    return text if len(text) <= 60 else text[:59] + "…"
