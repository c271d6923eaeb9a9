"""Views and conditions know the attributes that are declared."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from profiles.segments import load
from profiles.store import Store
from profiles.traits.records import SOURCE
from tests.profiles.conftest import record
from tests.profiles.traits.test_write import VAULT, row, rows, said, write


async def follow(store: Store) -> None:
    async with store.engine.begin() as connection:
        changes = await store.follow_up(connection, ["C000001"], datetime.now(UTC), forget_stale=False)
    await store.tell_cache(changes)


async def test_dynamic_attributes_are_seen_for_their_purposes(store: Store) -> None:
    await store.write([record()])
    await write(
        store,
        said("m1", "loyalty_joined_on", "2020-01-01", "loyalty"),
        said("m1", "loyalty_points", 120, "loyalty"),
        said("m2", "interests", ["coffee"], "stated"),
        said("m2", "accessibility_needs", ["large print"], "stated"),
    )
    await follow(store)
    service = (await store.view("C000001", "service")).attributes
    personal = (await store.view("C000001", "personalisation")).attributes
    assert service == {
        "first_name": "Maria",
        "preferred_channel": "chat",
        "tickets_open": 0,
        "loyalty_points": 120,
    }
    assert (personal["interests"], personal["loyalty_points"]) == (["coffee"], 120)
    assert personal["days_since_loyalty"] > 2000
    assert "accessibility_needs" not in service | personal


async def test_segments_use_dynamic_attributes_in_python_and_in_sql_alike(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "segments.yml"
    file.write_text(
        "version: 1\notherwise: casual\nsegments:\n"
        "- {name: collector, title: C, when: {attribute: customer.loyalty_points, op: '>', value: 100}}\n"
        "- {name: barista, title: B, when: {attribute: customer.interests, op: contains, value: coffee}}\n"
        "- {name: old_hand, title: O, when: {attribute: customer.days_since_loyalty, op: '>', value: 1000}}\n"
    )
    store._segments = load(file)
    await store.write([record()])
    await write(
        store,
        said("m1", "loyalty_points", 120, "loyalty"),
        said("m1", "loyalty_joined_on", "2020-01-01", "loyalty"),
        said("m2", "interests", ["coffee"], "stated"),
    )
    await follow(store)
    found = (await store.view("C000001", "personalisation")).attributes["segments"]
    assert found == ["collector", "barista", "old_hand"]
    assert await store.recompute_segments() == 0


async def test_a_record_of_the_shop_is_its_word_and_only_what_is_new_in_it_is_kept(store: Store) -> None:
    same = record()
    await store.write([same])
    first = len(await rows(store, "SELECT 1 FROM profiles.traits"))
    await store.write([same])
    assert len(await rows(store, "SELECT 1 FROM profiles.traits")) == first == 10
    await store.write([same.model_copy(update={"phone": "+44 7700 900777"})])
    kept = await rows(store, "SELECT name, source FROM profiles.traits ORDER BY at DESC LIMIT 1")
    assert kept == [("phone", SOURCE)]


async def test_a_stronger_word_than_the_records_stays(store: Store) -> None:
    await store.write([record()])
    await write(
        store,
        said("m1", "email", "own@example.org", "stated", days=40),
        said("m1", "first_name", "Mo", "stated", days=40),
    )
    await store.write([record(last_name="Okafor-Lee")])
    found: Any = await row(store)
    assert found.first_name == "Mo"
    assert VAULT.open("C000001", "email", found.email) == "own@example.org"
    assert VAULT.open("C000001", "last_name", found.last_name) == "Okafor-Lee"
