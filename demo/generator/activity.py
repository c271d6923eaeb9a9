"""Logins and looks at products, for the days that the shop keeps them."""

from datetime import datetime, timedelta

import numpy as np

from demo.generator import calendar
from demo.generator.setting import Person, Shop
from demo.records import Consent, Order, View

#: How many days of events the shop keeps.
KEPT_DAYS = 90


def logins_of(shop: Shop, person: Person, orders: list[Order], rng: np.random.Generator) -> list[datetime]:
    """Logins within the kept days, oldest first, and the last one before them when there is none."""
    recent = min(KEPT_DAYS, len(person.alive) - 1)
    times = calendar.moments(shop.now, person.habits.logins_per_month / 30.4 * person.alive[:recent], rng)
    since = shop.now - timedelta(days=KEPT_DAYS)
    times += [order.placed_at - timedelta(minutes=4) for order in orders if order.placed_at > since]
    if not times:
        known = [person.signed_up, *(order.placed_at for order in orders)]
        later = known[-1] + timedelta(days=float(rng.exponential(25)))
        times = [min(max(known[-1], later.replace(microsecond=0)), max(since, known[-1]))]
    return sorted(times)


def views_of(
    shop: Shop,
    person: Person,
    logins: list[datetime],
    consents: list[Consent],
    rng: np.random.Generator,
) -> list[View]:
    """Products looked at after a login. Only kept of who agreed to analytics, and only from then on."""
    said = max((c for c in consents if c.purpose == "analytics"), key=lambda c: c.at, default=None)
    if said is None or not said.granted:
        return []
    seen = [login for login in logins if login >= max(said.at, shop.now - timedelta(days=KEPT_DAYS))]
    counts = rng.poisson(person.habits.views_per_login, len(seen))
    total = int(counts.sum())
    leaning = shop.shelf.leaning(person.habits)
    numbers = rng.choice(len(leaning), size=total, p=leaning / leaning.sum()).tolist()
    waits = rng.integers(15, 1500, total).tolist()
    starts = [login for login, count in zip(seen, counts.tolist(), strict=True) for _ in range(count)]
    views = [
        View(start + timedelta(seconds=wait), shop.shelf.products[number].sku)
        for start, wait, number in zip(starts, waits, numbers, strict=True)
    ]
    return sorted((view for view in views if view.at < shop.now), key=lambda view: view.at)
