"""The orders of one customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from demo.generator import calendar, delivery
from demo.generator.behaviours import Habits
from demo.generator.choice import Shelf
from demo.policy import PaymentMethod, Policy
from demo.records import Item, Order

_METHODS: tuple[PaymentMethod, ...] = ("card", "paypal", "invoice", "gift_card")
_METHOD_SHARES = (0.62, 0.25, 0.09, 0.04)
_DISCOUNTS = (0.10, 0.15, 0.20, 0.25)
_FIRST_ORDER_AT_ONCE = 0.85  # most people sign up because they buy
_EXPRESS = 0.12


@dataclass(frozen=True, slots=True)
class Shop:
    """What every customer of a run shares: the moment, the shelf, the rules."""

    now: datetime
    shelf: Shelf
    policy: Policy
    season: calendar.Days


def orders_of(
    shop: Shop, habits: Habits, signed_up: datetime, alive: calendar.Days, rng: np.random.Generator
) -> list[Order]:
    """All orders since sign-up, oldest first."""
    per_day = habits.orders_per_month / 30.4 * shop.season[: len(alive)] * alive
    times = calendar.moments(shop.now, per_day[:-1], rng)
    if rng.random() < _FIRST_ORDER_AT_ONCE:
        times.insert(0, signed_up + timedelta(seconds=int(rng.integers(240, 2400))))
    leaning = shop.shelf.leaning(habits)
    usual = _method(rng)
    owned: set[int] = set()
    orders = []
    for placed in times:
        order, express = _place(shop, placed, leaning, owned, habits, usual, rng)
        delivery.live(order, shop.now, express, habits.return_chance, shop.policy, rng)
        orders.append(order)
    return orders


def _place(
    shop: Shop,
    placed: datetime,
    leaning: np.typing.NDArray[np.float64],
    owned: set[int],
    habits: Habits,
    usual: PaymentMethod,
    rng: np.random.Generator,
) -> tuple[Order, bool]:
    lines = min(6, 1 + int(rng.poisson(max(0.0, habits.pieces - 1))))
    chosen = shop.shelf.pick(leaning, owned, lines, rng)
    owned.update(chosen)
    rebate = float(rng.choice(_DISCOUNTS)) if rng.random() < habits.discount_chance else 0.0
    items, saved = [], 0
    for number in chosen:
        product = shop.shelf.products[number]
        quantity = 2 if rng.random() < (0.25 if product.pence < 3000 else 0.04) else 1
        price = round(product.pence * (1 - rebate))
        saved += (product.pence - price) * quantity
        items.append(Item(product.sku, product.name, quantity, price))
    express = bool(rng.random() < _EXPRESS)
    goods = sum(item.price * item.quantity for item in items)
    terms = shop.policy.delivery
    fee = terms.express.fee if express else 0.0 if goods >= terms.free_from * 100 else terms.standard.fee
    method = usual if rng.random() < 0.75 else _method(rng)
    return Order(placed, "processing", items, saved, round(fee * 100), method), express


def _method(rng: np.random.Generator) -> PaymentMethod:
    return _METHODS[int(rng.choice(len(_METHODS), p=_METHOD_SHARES))]
