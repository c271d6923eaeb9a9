"""Segments: one definition, evaluated at each write in Python and for everybody in SQL, with one result."""

from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from profiles.conditions import ConditionError
from profiles.segments import Segments, load
from profiles.settings import SEGMENTS_FILE
from profiles.store import Store
from tests.profiles.conftest import days_ago, record

NAMES = ["new", "loyal_high_value", "bargain_hunter", "power_user", "drifting_away", "casual"]


def facts(**values: Any) -> dict[str, Any]:
    return {"spend_total": 200, "orders_total": 5, "orders_90d": 1, "discount_share": 0.2, **values}


@pytest.mark.parametrize(
    ("changes", "segments"),
    [
        ({"signed_up_at": days_ago(10), "facts": facts()}, ["new"]),
        ({}, ["loyal_high_value"]),
        ({"facts": facts(discount_share=0.8)}, ["bargain_hunter"]),
        ({"facts": facts(logins_30d=25)}, ["power_user"]),
        ({"facts": facts(orders_90d=0, last_order_at=days_ago(120))}, ["drifting_away"]),
        ({"facts": facts(orders_90d=0, last_order_at=days_ago(120), last_login_at=days_ago(2))}, ["casual"]),
        ({"facts": {}}, ["casual"]),
        (
            {"signed_up_at": days_ago(10), "facts": facts(discount_share=0.9)},
            ["new", "bargain_hunter"],
        ),
    ],
)
async def test_who_belongs_where(store: Store, changes: dict[str, Any], segments: list[str]) -> None:
    await store.write([record(**changes)])
    attributes = (await store.view("C000001", "personalisation")).attributes
    assert (attributes["segment"], attributes["segments"]) == (segments[0], segments)


def test_the_names_are_those_that_the_other_rooms_know() -> None:
    assert load(SEGMENTS_FILE).names == NAMES


async def memberships(store: Store) -> dict[tuple[str, str], datetime]:
    async with store.engine.connect() as connection:
        rows = await connection.execute(text("SELECT customer_id, segment, since FROM profiles.memberships"))
        return {(row.customer_id, row.segment): row.since for row in rows}


amounts = st.none() | st.sampled_from([0, 1, 2, 3, 14, 15, 1499.5, 1500])
shares = st.none() | st.sampled_from([0.0, 0.39, 0.4, 0.55, 1.0])
ages = st.none() | st.sampled_from([0, 1, 30, 31, 60, 61, 400])


@st.composite
def people(draw: st.DrawFn) -> list[dict[str, Any]]:
    def age(name: str) -> dict[str, datetime]:
        days = draw(ages)
        return {} if days is None else {name: days_ago(days)}

    def person() -> dict[str, Any]:
        counts = {name: draw(amounts) for name in ("orders_total", "orders_90d", "logins_30d")}
        return {
            "signed_up_at": days_ago(draw(st.sampled_from([0, 59, 60, 500]))),
            "facts": {
                **{name: None if count is None else int(count) for name, count in counts.items()},
                "spend_total": draw(amounts),
                "discount_share": draw(shares),
                **age("last_order_at"),
                **age("last_login_at"),
            },
        }

    return [person() for _ in range(40)]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(crowd=people())
async def test_sql_for_all_finds_what_python_found_for_each(
    store: Store, crowd: list[dict[str, Any]]
) -> None:
    await store.write([record(f"C{i:06}", **changes, interactions=[]) for i, changes in enumerate(crowd)])
    one_by_one = await memberships(store)
    await store.recompute_segments()
    assert await memberships(store) == one_by_one

    async with store.engine.begin() as connection:
        await connection.execute(text("DELETE FROM profiles.memberships"))
    await store.recompute_segments()
    assert set(await memberships(store)) == set(one_by_one)


async def test_time_alone_moves_a_customer_when_all_are_brought_up_to_date(
    store: Store, customers_url: str
) -> None:
    await store.write([record(facts=facts(), signed_up_at=days_ago(59)), record("C000002")])
    stayed = (await memberships(store))["C000002", "loyal_high_value"]
    before = await store.view("C000001", "personalisation")
    with psycopg.connect(customers_url) as connection:
        connection.execute(
            "UPDATE profiles.customers SET attributes = attributes || %s::jsonb WHERE customer_id = 'C000001'",
            ['{"signed_up_at": "2026-01-02T00:00:00Z"}'],
        )
    assert await store.recompute_segments() == 1
    after = await store.view("C000001", "personalisation")
    assert (before.attributes["segment"], after.attributes["segment"]) == ("new", "casual")
    assert after.version == before.version + 1
    assert (await memberships(store))["C000002", "loyal_high_value"] == stayed
    assert await store.recompute_segments() == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("segments: {", "segments.yml: not YAML"),
        ("version: 1\nsegments: []", "segments.yml: otherwise: Field required"),
        ("version: 1\notherwise: casual\nsegments: []", "segments.yml: segments: needs at least one"),
        (
            "version: 1\notherwise: casual\nsegments: [{name: a, title: A, when: {missing: customer.shoe_size}}]",
            "segments.yml: segments[0].when.missing: 'customer.shoe_size' is not an attribute",
        ),
        (
            "version: 1\notherwise: a\nsegments: [{name: a, title: A, when: {all: [{missing: customer.tier}, 3]}}]",
            "segments.yml: segments[0].when.all[1]: a condition has one of the keys",
        ),
        (
            "version: 1\notherwise: a\nsegments: [{name: a, title: A, when: {missing: customer.tier}}]",
            "segments.yml: 'a' is defined twice",
        ),
        (
            "version: 1\notherwise: a\nsegments: [{name: b, title: B, when: {missing: customer.segment}}]",
            "segments.yml: segments[0].when.missing: 'customer.segment' is not an attribute",
        ),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_path(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "segments.yml"
    file.write_text(content)
    with pytest.raises(ConditionError) as refusal:
        load(file)
    assert str(refusal.value).startswith(message)


def test_the_first_that_holds_comes_first() -> None:
    segments: Segments = load(SEGMENTS_FILE)
    assert segments.in_order({"casual", "power_user", "new", "no_longer_defined"}) == [
        "new",
        "power_user",
        "casual",
    ]
