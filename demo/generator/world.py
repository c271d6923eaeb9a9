"""The whole world: the personas first, then the generated customers."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from demo.catalogue import Catalogue, load_catalogue
from demo.facts import tier_of
from demo.generator import activity, behaviours, calendar, people
from demo.generator.chance import limits, one_of
from demo.generator.choice import Shelf
from demo.generator.consents import consents_of
from demo.generator.orders import orders_of
from demo.generator.setting import Person, Shop
from demo.generator.tickets import tickets_of
from demo.personas import load_personas, persona_customer
from demo.policy import Policy, load_policy
from demo.records import Channel, Customer, World

#: Part of the identity of what is generated: raise it when the same seed gives another world.
GENERATOR_VERSION = 1
DEFAULT_SEED = 20_260
_LONGEST = 2_100  # days, above the longest tenure of any behaviour
_CHANNELS: tuple[Channel, ...] = ("chat", "email", "phone")
_CHANNEL_SHARES = limits((0.6, 0.27, 0.13))


def generate(
    customers: int,
    as_of: date,
    seed: int = DEFAULT_SEED,
    progress: Callable[[int], object] = lambda _done: None,
) -> World:
    """Make a world as it is when the day `as_of` begins (UTC).

    Args:
        customers: how many in all, personas included.
        progress: is called with the number of customers made so far.

    Raises:
        ValueError: fewer customers than there are personas.
    """
    personas = load_personas().personas
    if customers < len(personas):
        raise ValueError(f"at least {len(personas)} customers: the personas are among them")
    now = datetime.combine(as_of, time(), tzinfo=UTC)
    shop = _shop(now, load_catalogue(), load_policy(), seed)
    made = [persona_customer(persona, shop.now, load_catalogue(), shop.policy) for persona in personas]
    for index in range(len(personas), customers):
        made.append(_customer(index, shop, seed))
        progress(index + 1)
    world = World(now, seed, made)
    world.number()
    return world


def _shop(now: datetime, catalogue: Catalogue, policy: Policy, seed: int) -> Shop:
    return Shop(now, Shelf(catalogue, seed), policy, calendar.season(now, _LONGEST))


def _customer(index: int, shop: Shop, seed: int) -> Customer:
    # A stream of random numbers of its own: customer 17 is the same among 100 and among 5,000.
    rng = np.random.default_rng([seed, 1, index])
    behaviour, habits = behaviours.draw(rng)
    tenure = int(rng.integers(int(habits.tenure_days[0]), int(habits.tenure_days[1]) + 1))
    signed_up = shop.now + timedelta(seconds=int(calendar.time_of_day(1, rng)[0]) - tenure * calendar.DAY)
    quiet = calendar.quiet_since(habits, rng)
    quiet_from = shop.now - timedelta(days=quiet) if quiet is not None else None
    person = Person(
        behaviour,
        habits,
        signed_up,
        quiet_from,
        calendar.lifecycle(tenure, quiet),
        _CHANNELS[one_of(_CHANNEL_SHARES, rng)],
    )
    first, last = people.name(rng)
    orders = orders_of(shop, person, rng)
    consents = consents_of(person, shop.now, rng)
    logins = activity.logins_of(shop, person, orders, rng)
    return Customer(
        customer_id=f"C{index + 1:06d}",
        first_name=first,
        last_name=last,
        email=people.email(first, last, index + 1, rng),
        phone=people.phone(index + 1),
        address=people.address(rng),
        birth_date=people.birth_date(shop.now.date(), rng),
        tier=tier_of(orders, shop.now, shop.policy),
        signed_up_at=signed_up,
        preferred_channel=person.preferred,
        behaviour=behaviour,
        consents=consents,
        orders=orders,
        interactions=tickets_of(person, orders, shop.now, rng),
        logins=logins,
        views=activity.views_of(shop, person, logins, consents, rng),
    )
