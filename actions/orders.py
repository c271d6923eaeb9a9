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
_ORDINALS = ("first", "second", "third", "fourth", "fifth")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_NEWEST = re.compile(r"\b(last|latest|newest|most recent|recent one)\b", re.I)
_OLDEST = re.compile(r"\b(oldest|earliest)\b", re.I)
_NUMERIC_DATE = re.compile(r"(?:(\d{4})-(\d{2})-(\d{2}))|(?:(\d{1,2})[/.-](\d{1,2})[/.-](\d{2,4}))")
_NAMED_DATE = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?:\s+of)?(?:\s+([a-z]{3,9}))?", re.I)
_MONTH_FIRST = re.compile(r"\b([a-z]{3,9})\s+(\d{1,2})(?:st|nd|rd|th)?\b", re.I)
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
    """The candidates that the words fit: by place in the list shown, product, amount, date or "the last one".

    Args:
        shown: ids of the orders that were offered, in the order shown.
        dates: the words of dates in the message, as written.
        amounts: as `£40.00`.

    Returns:
        All that fit the first kind of hint which fits any; empty when there is no usable hint.
    """
    by_id = {order.order_id: order for order in candidates}
    place = _place(text, len(shown))
    if place is not None and shown[place] in by_id:
        return [by_id[shown[place]]]
    hints = (
        [o for o in candidates if any(item.sku in skus for item in o.items)],
        [o for o in candidates if any(pounds_value(a) == round(o.total, 2) for a in amounts)],
        [o for o in candidates if any(_same_day(o, words, today) for words in dates)],
        [o for o in candidates if _names_an_item(text, o)],
    )
    for fitting in hints:
        if fitting:
            return fitting
    newest_first = sorted(candidates, key=lambda order: order.placed_at, reverse=True)
    if _NEWEST.search(text):
        return newest_first[:1]
    if _OLDEST.search(text):
        return newest_first[-1:]
    return []


def _place(text: str, count: int) -> int | None:
    words = re.findall(r"[a-z0-9]+", text.lower())
    for index, ordinal in enumerate(_ORDINALS[:count]):
        if ordinal in words:
            return index
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
    """The days that a date as customers write it can mean, British order, never in the future."""
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
        return set()
    number, month_number = found
    years = (today.year, today.year - 1)
    months = [month_number] if month_number else [today.month, (today - timedelta(today.day)).month]
    days = {d for y in years for m in months for d in _day(y, m, number) if d <= today}
    return {max(days)} if days else set()


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
