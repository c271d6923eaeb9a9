"""The six latent behaviours. They overlap on purpose: what finds them later must work for it."""

from dataclasses import dataclass, replace

import numpy as np

from demo.generator.chance import limits, one_of
from demo.records import Behaviour

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Habits:
    """How somebody of a behaviour acts; rates are means over people, before individual noise."""

    tenure_days: Range  # since sign-up, uniform between the two
    orders_per_month: float
    pieces: float  # mean pieces an order, at least one
    price_taste: float  # exponent on the price when choosing: above 0 dear, below 0 cheap
    discount_chance: float  # that an order is made with a promo code
    return_chance: float
    logins_per_month: float
    views_per_login: float
    tickets_per_order: float
    complains: float  # share of the tickets that are complaints or about money
    tastes: dict[str, float]  # weight of a category where it is not 1
    quiet_days: Range = (0, 0)  # how long ago the customer began to fall silent


@dataclass(frozen=True, slots=True)
class Kind:
    behaviour: Behaviour
    share: float
    habits: Habits


KINDS: tuple[Kind, ...] = (
    Kind(
        "loyal_high_value",
        0.12,
        Habits((420, 2000), 0.7, 2.1, 0.15, 0.12, 0.05, 11, 1.6, 0.10, 0.25, {"coffee": 1.6, "kitchen": 1.4}),
    ),
    Kind(
        "bargain_hunter",
        0.18,
        Habits(
            (150, 1500), 0.42, 1.5, -0.45, 0.78, 0.12, 9, 3.4, 0.16, 0.35, {"cleaning": 1.5, "bedding": 1.4}
        ),
    ),
    Kind("new", 0.15, Habits((1, 55), 0.8, 1.3, 0.0, 0.35, 0.06, 6, 2.2, 0.22, 0.2, {})),
    Kind(
        "power_user",
        0.10,
        Habits(
            (200, 1600),
            0.5,
            1.7,
            0.1,
            0.2,
            0.09,
            24,
            3.2,
            0.35,
            0.15,
            {"smart home": 4, "network": 4, "computing": 4, "power": 2.5, "headphones": 2, "bedding": 0.3},
        ),
    ),
    Kind(
        "drifting_away",
        0.15,
        Habits((330, 1700), 0.45, 1.6, 0.1, 0.25, 0.14, 8, 1.8, 0.40, 0.6, {}, quiet_days=(30, 240)),
    ),
    Kind("casual", 0.30, Habits((120, 1800), 0.1, 1.4, 0.0, 0.25, 0.07, 1.6, 2.0, 0.15, 0.3, {})),
)

_SHARES = limits([kind.share for kind in KINDS])
#: Share of customers who act partly like somebody of another behaviour.
MIXED = 0.08
#: Spread of the individual rate around the mean of the behaviour (sigma of a log-normal).
SPREAD = 0.35


def draw(rng: np.random.Generator) -> tuple[Behaviour, Habits]:
    """The behaviour of one customer and their own habits: the behaviour's, with noise."""
    kind = KINDS[one_of(_SHARES, rng)]
    other = KINDS[int(rng.integers(len(KINDS)))]
    weight = float(rng.uniform(0.3, 0.5)) if rng.random() < MIXED else 0.0
    return kind.behaviour, _own(kind.habits, other.habits, weight, rng)


def _own(habits: Habits, other: Habits, weight: float, rng: np.random.Generator) -> Habits:
    def noisy(mine: float, theirs: float) -> float:
        return (mine * (1 - weight) + theirs * weight) * float(rng.lognormal(-(SPREAD**2) / 2, SPREAD))

    return replace(
        habits,
        orders_per_month=noisy(habits.orders_per_month, other.orders_per_month),
        pieces=noisy(habits.pieces, other.pieces),
        price_taste=habits.price_taste * (1 - weight)
        + other.price_taste * weight
        + float(rng.normal(0, 0.1)),
        discount_chance=min(0.95, noisy(habits.discount_chance, other.discount_chance)),
        return_chance=noisy(habits.return_chance, other.return_chance),
        logins_per_month=noisy(habits.logins_per_month, other.logins_per_month),
        views_per_login=noisy(habits.views_per_login, other.views_per_login),
        tickets_per_order=noisy(habits.tickets_per_order, other.tickets_per_order),
        complains=min(0.95, noisy(habits.complains, other.complains)),
    )
