"""How amounts, days and lists are written to a customer."""

from collections.abc import Sequence
from datetime import date

from common import money

#: `129.0` → `£129`.
pounds = money.pounds

STATUS_WORDS = {
    "processing": "being prepared",
    "packed": "packed and waiting for the carrier",
    "shipped": "on its way",
    "out_for_delivery": "out for delivery today",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "return_requested": "waiting for your return parcel",
    "returned": "returned",
}

METHOD_WORDS = {
    "card": "your card",
    "paypal": "your PayPal account",
    "invoice": "your bank account",
    "gift_card": "your gift card",
}

PAY_WORDS = {"card": "card", "paypal": "PayPal", "invoice": "invoice", "gift_card": "gift card"}


def day(moment: date | None) -> str | None:
    """`Tuesday 24 November`; None stays None, so that a template sees a missing value."""
    return None if moment is None else f"{moment:%A} {moment.day} {moment:%B}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def method(name: str | None) -> str:
    return METHOD_WORDS.get(name or "", "your original way of paying")


def statuses(names: Sequence[str]) -> str:
    """`being prepared or delivered`: the states of an order in words."""
    return " or ".join(STATUS_WORDS.get(name, name) for name in names)


def pay_words(names: Sequence[str]) -> str:
    """`card, PayPal and gift card`."""
    return listed([PAY_WORDS.get(name, name) for name in names])
