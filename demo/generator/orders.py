"""The orders of one customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from demo.generator import calendar, delivery
from demo.generator.behaviours import Habits
from demo.generator.chance import limits, one_of
from demo.generator.choice import Basket
from demo.generator.setting import Person, Shop
from demo.policy import PaymentMethod
from demo.records import Item, Order

_METHODS: tuple[PaymentMethod, ...] = ("card", "paypal", "invoice", "gift_card")
_METHOD_SHARES = limits((0.62, 0.25, 0.09, 0.04))
_DISCOUNTS = (0.10, 0.15, 0.20, 0.25)
_FIRST_ORDER_AT_ONCE = 0.85  # most people sign up because they buy
_EXPRESS = 0.12


@dataclass(frozen=True, slots=True)
class _Buyer:
    """One customer at the till; what they own grows with each order."""

    habits: Habits
    basket: Basket
    usual: PaymentMethod


def orders_of(shop: Shop, person: Person, rng: np.random.Generator) -> list[Order]:
    """All orders since sign-up, oldest first."""
    habits = person.habits
    per_day = habits.orders_per_month / 30.4 * shop.season[: len(person.alive)] * person.alive
    times = calendar.moments(shop.now, per_day[:-1], rng)
    if rng.random() < _FIRST_ORDER_AT_ONCE:
        times.insert(0, person.signed_up + timedelta(seconds=int(rng.integers(240, 2400))))
    buyer = _Buyer(habits, Basket(shop.shelf, shop.shelf.leaning(habits)), _method(rng))
    orders = []
    for placed in times:
        order, express = _place(shop, buyer, placed, rng)
        delivery.live(order, shop, rng, express=express, return_chance=habits.return_chance)
        orders.append(order)
    return orders


def _place(shop: Shop, buyer: _Buyer, placed: datetime, rng: np.random.Generator) -> tuple[Order, bool]:
    lines = min(6, 1 + int(rng.poisson(max(0.0, buyer.habits.pieces - 1))))
    chosen = buyer.basket.fill(lines, rng)
    rebate = (
        _DISCOUNTS[int(rng.integers(len(_DISCOUNTS)))] if rng.random() < buyer.habits.discount_chance else 0.0
    )
    items, saved = [], 0
    for number in chosen:
        product, pence = shop.shelf.products[number], shop.shelf.pence[number]
        quantity = 2 if rng.random() < (0.25 if pence < 3000 else 0.04) else 1
        price = round(pence * (1 - rebate))
        saved += (pence - price) * quantity
        items.append(Item(product.sku, product.name, quantity, price))
    express = bool(rng.random() < _EXPRESS)
    goods = sum(item.price * item.quantity for item in items)
    terms = shop.policy.delivery
    fee = terms.express.fee if express else 0.0 if goods >= terms.free_from * 100 else terms.standard.fee
    method = buyer.usual if rng.random() < 0.75 else _method(rng)
    return Order(placed, "processing", items, saved, round(fee * 100), method), express


def _method(rng: np.random.Generator) -> PaymentMethod:
    return _METHODS[one_of(_METHOD_SHARES, rng)]
