"""The customer as they were, and how that came about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import text

from profiles.store import Store
from tests.profiles.conftest import days_ago, key, record
from tests.profiles.traits.test_write import NOON, customers, said, write

PERSON = {"Rapport-Actor": "agent-7", "Rapport-Reason": "asked by the customer"}


def on_day(days: float) -> datetime:
    return NOON + timedelta(days=days)


async def signed_up(store: Store, at: datetime) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE profiles.customers SET signed_up_at = :at"), {"at": at})


async def allowed(store: Store, **consent: bool) -> None:
    rows = [
        {"purpose": purpose, "granted": granted, "at": on_day(-30)} for purpose, granted in consent.items()
    ]
    async with store.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO profiles.consents (customer_id, purpose, at, granted, source, version) "
                "VALUES ('C000001', :purpose, :at, :granted, 'test', '1')"
            ),
            rows,
        )


async def attributes(store: Store, days: float, purpose: Any = "personalisation") -> dict[str, Any]:
    return (await store.view_at("C000001", purpose, on_day(days))).attributes


async def test_the_profile_as_it_was_at_a_time(store: Store) -> None:
    await customers(store, "C000001")
    await signed_up(store, on_day(-20))
    await allowed(store, personalisation=True)
    await write(
        store,
        said("m1", "first_name", "Maria", days=-10),
        said("m2", "first_name", "Mia", days=10),
        said("m3", "loyalty_points", 10, "loyalty", days=0),
        said("m4", "facts", {"orders_total": 3, "spend_total": 99.5}, days=5),
    )
    early, middle, late = [await attributes(store, days) for days in (-5, 6, 12)]
    assert early == {
        "first_name": "Maria",
        "tier": "standard",
        "days_since_signup": 15,
        "tickets_90d": 0,
        "tickets_open": 0,
        "segment": "new",
        "segments": ["new"],
    }
    assert (middle["first_name"], middle["loyalty_points"], middle["orders_total"]) == ("Maria", 10, 3)
    assert late["first_name"] == "Mia"
    assert await attributes(store, -25) == {}


async def test_what_arrives_late_belongs_to_its_own_time(store: Store) -> None:
    await customers(store, "C000001")
    await signed_up(store, on_day(-20))
    await write(store, said("m2", "first_name", "Mia", days=10))
    assert "first_name" not in await attributes(store, 0, "service")
    await write(store, said("m1", "first_name", "Maria", days=-10))
    assert (await attributes(store, 0, "service"))["first_name"] == "Maria"


async def test_what_was_expired_then_was_not_known_then(store: Store) -> None:
    await customers(store, "C000001")
    await signed_up(store, on_day(-20))
    await allowed(store, personalisation=True)
    await write(store, said("m1", "home_type", "flat", "partner:x", days=-5, expires_at=on_day(2)))
    assert (await attributes(store, 0))["home_type"] == "flat"
    assert "home_type" not in await attributes(store, 3)


async def test_consent_is_that_of_now_and_not_of_then(store: Store) -> None:
    await store.write([record()])
    await write(store, said("m1", "first_name", "Maria"))
    assert await attributes(store, 1, "marketing") == {}


async def test_the_present_time_gives_the_present_view(store: Store) -> None:
    await store.write([record()])
    now = await store.view("C000001", "personalisation")
    then = await store.view_at("C000001", "personalisation", datetime.now(UTC))
    assert then.attributes == now.attributes


async def test_the_route_takes_a_time_and_refuses_the_future(api: httpx.AsyncClient, store: Store) -> None:
    await store.write([record()])
    address = "/api/customer/C000001"
    earlier = await api.get(address, params={"at": days_ago(1).isoformat()}, headers=key("read"))
    assert (earlier.status_code, earlier.json()["attributes"]["tickets_open"]) == (200, 1)
    assert earlier.json()["at"]
    later = await api.get(address, params={"at": days_ago(-1).isoformat()}, headers=key("read"))
    assert later.status_code == 422
    unknown = await api.get(
        "/api/customer/NOBODY", params={"at": days_ago(1).isoformat()}, headers=key("read")
    )
    assert unknown.json()["type"] == "unknown-customer"


async def test_people_see_who_said_what_when(api: httpx.AsyncClient, store: Store) -> None:
    await customers(store, "C000001")
    await write(
        store,
        said("m1", "email", "maria@example.org", days=-3),
        said("m2", "email", "mia@example.org", "stated", days=-1),
        said("m3", "email", None, "stated", days=1),
        said("m4", "email", "maria@example.org", days=2),
    )
    address = "/api/customer/C000001/history"
    answer = await api.get(address, headers=key("agent") | PERSON)
    found = answer.json()["attributes"]["email"]
    assert [(one["value"], one["source"]) for one in found] == [
        ("maria@example.org", "shop"),
        ("mia@example.org", "stated"),
        ("maria@example.org", "shop"),
    ]
    assert datetime.fromisoformat(found[1]["since"]) == on_day(-1)
    assert (await api.get(address, headers=key("agent"))).status_code == 422
    assert (await api.get(address, headers=key("read"))).status_code == 403
    none = await api.get(address, params={"attribute": "phone"}, headers=key("agent") | PERSON)
    assert none.json()["attributes"] == {}
