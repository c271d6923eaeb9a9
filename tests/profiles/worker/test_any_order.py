"""A profile is a function of the set of its events: any order, any repetition, any cutting into batches.

And what is derived is what one computes from scratch, as this file does in plain Python.
"""

import itertools
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from profiles.events.envelope import Event
from profiles.store import Store
from profiles.worker.chunks import Chunks
from tests.profiles.worker.events import NOON, event

_numbers = itertools.count(1)

NAMES = ["Ticket Opened", "Ticket Closed", "Order Completed", "Signed In", "Product Viewed", "Product Added"]
#: Few of everything, so that events meet.
users = st.sampled_from(["U1", "U2"])
devices = st.sampled_from(["d1", "d2"])
ids = st.one_of(
    st.fixed_dictionaries({"user_id": users}),
    st.fixed_dictionaries({"anonymous_id": devices}),
    st.fixed_dictionaries({"user_id": users, "anonymous_id": devices}),
)
properties = st.fixed_dictionaries(
    {
        "sku": st.just("HV-1"),
        "order_id": st.just("RP-1"),
        "ticket_id": st.sampled_from(["T1", "T1", "T2"]),
        "issue": st.sampled_from(["billing", "return"]),
    },
    optional={
        "total": st.integers(0, 5000).map(lambda pence: pence / 100),
        "response_seconds": st.integers(0, 99),
        "channel": st.sampled_from(["email", "phone"]),
    },
)
traits = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Ana", "Bea"]),
        "last_name": st.sampled_from(["Okafor", "Lund"]),
    },
)
#: In hours before the noon of three days ago: some within each window, some outside.
hours = st.sampled_from([0, 1, 2, 100, 24 * 10, 24 * 40, 24 * 100])


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Fields of events, without their message ids; several at the same moment are likely."""
    content = []
    for _ in range(draw(st.integers(1, 15))):
        kind = draw(st.sampled_from(["track", "track", "track", "page", "identify"]))
        fields: dict[str, Any] = {"kind": kind, "minutes": -60 * draw(hours), **draw(ids)}
        if kind == "identify":
            fields["traits"] = draw(traits)
        if kind == "track":
            fields |= {"event": draw(st.sampled_from(NAMES)), "properties": draw(properties)}
        content.append(fields)
    return content


def of_world(world: str, history: Sequence[dict[str, Any]]) -> list[Event]:
    """The same events among ids of their own, so that one database serves all examples."""

    def own(name: str, value: Any) -> Any:
        return f"{world}-{value}" if name in {"user_id", "anonymous_id"} else value

    return [
        event(f"{world}-{number:02}", **{name: own(name, value) for name, value in fields.items()})
        for number, fields in enumerate(history)
    ]


async def profiles_of(store: Store, world: str) -> dict[str, Any]:
    """Everything that rests of the customers of one world, without its name and without versions."""
    queries = {
        "customers": "SELECT customer_id, signed_up_at, first_name, attributes, traits FROM profiles.customers "
        "WHERE customer_id LIKE :w",
        "traits": "SELECT message_id, name, customer_id FROM profiles.traits WHERE message_id LIKE :w",
        "activity": "SELECT customer_id, day, name, count, amount, last_at FROM profiles.daily_activity "
        "WHERE customer_id LIKE :w",
        "devices": "SELECT anonymous_id, customer_id FROM profiles.devices WHERE anonymous_id LIKE :w",
        "events": "SELECT message_id, customer_id FROM profiles.events WHERE message_id LIKE :w",
        "contacts": "SELECT customer_id, occurred_at, document - 'interaction_id' FROM profiles.interactions "
        "WHERE customer_id LIKE :w",
        "segments": "SELECT customer_id, segment FROM profiles.memberships WHERE customer_id LIKE :w",
    }
    found = {}
    async with store.engine.connect() as connection:
        for name, query in queries.items():
            rows = (await connection.execute(text(query), {"w": f"{world}-%"})).all()
            found[name] = sorted(json.dumps([*row], default=str).replace(f"{world}-", "") for row in rows)
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), data=st.data())
async def test_any_order_repetition_and_cutting_gives_the_same_profile(
    store: Store, chunks: Chunks, history: list[dict[str, Any]], data: st.DataObject
) -> None:
    number = next(_numbers)
    straight, shuffled = of_world(f"A{number}", history), of_world(f"B{number}", history)
    repeated = shuffled + data.draw(st.lists(st.sampled_from(shuffled), max_size=4))
    order = data.draw(st.permutations(repeated))
    size = data.draw(st.integers(1, len(order)))

    await chunks.apply(straight)
    for start in range(0, len(order), size):
        await chunks.apply(order[start : start + size])
    assert await profiles_of(store, f"A{number}") == await profiles_of(store, f"B{number}")


def owners_from_scratch(events: Iterable[Event]) -> dict[str, str]:
    """Whose each event is, by its message id."""
    links = sorted(
        (e.timestamp, e.message_id, e.anonymous_id, e.user_id)
        for e in events
        if e.type == "identify" and e.user_id and e.anonymous_id
    )
    devices: dict[str | None, str] = {}
    for _, _, device, user in links:
        devices.setdefault(device, user)
    owners = {e.message_id: e.user_id or devices.get(e.anonymous_id) for e in events}
    return {message_id: owner for message_id, owner in owners.items() if owner is not None}


def derived_from_scratch(events: Sequence[Event], now: datetime) -> dict[str, dict[str, Any]]:
    """The derived attributes of everybody, computed event by event."""
    owners = owners_from_scratch(events)
    by_owner: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        if one.user_id is not None:
            by_owner[one.user_id]  # also whose every event became another's
        if one.message_id in owners:
            by_owner[owners[one.message_id]].append(one)
    return {owner: _derived(own, now) for owner, own in by_owner.items()}


def _derived(events: Sequence[Event], now: datetime) -> dict[str, Any]:
    def age(one: Event) -> int:
        return (now.date() - one.timestamp.astimezone(UTC).date()).days

    acts = [one for one in events if one.type in {"track", "page"}]
    named = {name: [one for one in acts if one.event == name] for name in NAMES}
    orders, logins = named["Order Completed"], named["Signed In"]
    worth = {"Order Completed": 10, "Product Added": 3, "Signed In": 2}
    points = sum(worth.get(one.event or "", 1) for one in acts if age(one) < 30)
    spent = sum((Decimal(str(one.properties.get("total", 0))) for one in orders), Decimal(0))
    tickets: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for one in named["Ticket Opened"] + named["Ticket Closed"]:
        tickets[one.user_id or one.anonymous_id or "", one.properties["ticket_id"]].append(one)
    last = [max(told, key=lambda one: one.timestamp) for told in tickets.values()]
    answered = [one.properties["response_seconds"] for one in last if "response_seconds" in one.properties]
    kinds = Counter((one.properties.get("channel", "email"), one.properties["issue"]) for one in last)
    expected: dict[str, Any] = {
        "orders_total": len(orders) or None,
        "orders_90d": sum(age(one) < 90 for one in orders) if orders else None,
        "spend_total": float(spent) if orders else None,
        "logins_30d": sum(age(one) < 30 for one in logins) if logins else None,
        "product_views_7d": sum(age(one) < 7 for one in named["Product Viewed"]) or None,
        "engagement": round(100 * (1 - math.exp(-points / 20)), 1) or None,
        "tickets_total": len(last) or None,
        "tickets_90d": sum((now - one.timestamp).days < 90 for one in last),
        "tickets_open": sum(one.event == "Ticket Opened" for one in last),
    }
    if last:
        by_channel: dict[str, list[datetime]] = defaultdict(list)
        for one in last:
            by_channel[one.properties.get("channel", "email")].append(one.timestamp)
        expected |= {
            "usual_channel": max(by_channel, key=lambda name: (len(by_channel[name]), max(by_channel[name]))),
            "resolution_rate": round(sum(one.event == "Ticket Closed" for one in last) / len(last), 3),
            "response_seconds": round(sum(answered) / len(answered), 1) if answered else None,
            "contact_diversity": round(1 - sum((n / len(last)) ** 2 for n in kinds.values()), 3),
        }
    return {name: value for name, value in expected.items() if value is not None}


def at_moments_of_their_own(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """No two at one moment: which of two events of a ticket is the later one is then no matter of spelling."""
    return [{**fields, "minutes": fields["minutes"] + number} for number, fields in enumerate(history)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories().map(at_moments_of_their_own), data=st.data())
async def test_what_is_derived_is_what_one_computes_from_scratch(
    store: Store, chunks: Chunks, history: list[dict[str, Any]], data: st.DataObject
) -> None:
    world = f"S{next(_numbers)}"
    events = of_world(world, history)
    order = data.draw(st.permutations(events))

    for one in order:
        await chunks.apply([one])
    query = "SELECT customer_id, attributes FROM profiles.customers WHERE customer_id LIKE :w"
    async with store.engine.connect() as connection:
        rows = (await connection.execute(text(query), {"w": f"{world}-%"})).all()
    stored = {row.customer_id: row.attributes for row in rows}
    expected = derived_from_scratch(events, datetime.now(UTC))
    compared = {name for attributes in expected.values() for name in attributes}
    assert {
        customer: {name: value for name, value in attributes.items() if name in compared}
        for customer, attributes in stored.items()
    } == expected


def test_the_moments_of_these_histories_fall_within_every_window() -> None:
    ages = {(datetime.now(UTC).date() - (NOON - timedelta(hours=h)).date()).days for h in (0, 240, 960, 2400)}
    assert sorted(ages) == [3, 13, 43, 103]
