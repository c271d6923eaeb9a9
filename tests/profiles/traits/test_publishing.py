"""Versions of the schema: published, gone back from, and values moved between attributes."""

from typing import Any

import pytest

from profiles.store import Store
from profiles.traits.comparing import compare
from profiles.traits.declared import Attribute, BadDeclaration, Schema, parse, read
from profiles.traits.migrating import migrate
from profiles.traits.publishing import NotPublished, finish, preview, publish, roll_back
from tests.profiles.conftest import record
from tests.profiles.traits.test_write import VAULT, row, rows, said, write

DECLARED = read()
FAVOURITE = {
    "name": "favourite_colour",
    "title": "Favourite colour",
    "type": "text",
    "held": "dynamic",
    "purposes": ["personalisation"],
    "sources": ["shop", "stated"],
}


def schema(
    version: int, *added: dict[str, Any], without: str | None = None, **changed: dict[str, Any]
) -> Schema:
    """What the files declare, with some attributes added, changed or taken away."""
    content = DECLARED.model_dump(mode="json")
    kept = [one | changed.get(one["name"], {}) for one in content["attributes"] if one["name"] != without]
    return parse({**content, "version": version, "attributes": [*kept, *added]}, "test")


def nothing(_count: int) -> None:
    """Nobody watches the progress."""


async def seen(store: Store) -> dict[str, Any]:
    return (await store.view("C000001", "personalisation")).attributes


async def test_the_files_are_in_force_until_a_version_is_published(store: Store) -> None:
    first = await preview(store, schema(1))
    assert first.faults == () and len(first.lines) == 1
    await publish(store, VAULT, schema(1), nothing)
    assert (await preview(store, schema(1))).lines == ()


async def test_a_new_attribute_is_kept_and_seen_once_it_is_published(store: Store) -> None:
    await store.write([record()])
    await publish(store, VAULT, schema(1), nothing)
    assert (await write(store, said("m1", "favourite_colour", "green"))).refused == 1
    await publish(store, VAULT, schema(2, FAVOURITE), nothing)
    await write(store, said("m2", "favourite_colour", "green"))
    assert (await row(store)).traits == {"favourite_colour": "green"}


async def test_what_may_be_seen_changes_at_once_also_where_it_is_cached(store: Store) -> None:
    await store.write([record()])
    await publish(store, VAULT, schema(1), nothing)
    before = await store.view("C000001", "personalisation")
    await publish(store, VAULT, schema(2, tier={"purposes": ["analytics"]}), nothing)
    after = await store.view("C000001", "personalisation")
    assert ("tier" in before.attributes, "tier" in after.attributes) == (True, False)
    assert after.version == before.version + 1


async def test_a_changed_matrix_finds_anew_whose_word_counts(store: Store) -> None:
    await store.write([record()])
    await publish(store, VAULT, schema(1), nothing)
    await write(store, said("m1", "first_name", "Mo", "pos", days=40))
    assert (await row(store)).first_name == "Maria"
    content = schema(2).model_dump(mode="json")
    content["matrix"]["sources"]["pos"] = dict.fromkeys(content["matrix"]["sources"]["pos"], 1.0)
    content["matrix"]["sources"]["shop"] = dict.fromkeys(content["matrix"]["sources"]["pos"], 0.1)
    await publish(store, VAULT, parse(content, "test"), nothing)
    assert (await row(store)).first_name == "Mo"


async def test_a_rollback_hides_what_was_added_and_going_forward_again_shows_it(store: Store) -> None:
    await store.write([record()])
    await publish(store, VAULT, schema(1), nothing)
    await publish(store, VAULT, schema(2, FAVOURITE), nothing)
    await write(store, said("m1", "favourite_colour", "green"))
    back, comparison = await roll_back(store, VAULT, None, nothing)
    assert (back.version, comparison.removed) == (3, frozenset({"favourite_colour"}))
    assert "favourite_colour" not in await seen(store)
    await roll_back(store, VAULT, 2, nothing)
    assert (await seen(store))["favourite_colour"] == "green"
    with pytest.raises(NotPublished, match="no version 9"):
        await roll_back(store, VAULT, 9, nothing)


async def test_an_attribute_is_deprecated_moved_and_then_taken_away_with_its_values(store: Store) -> None:
    await store.write([record()])
    await publish(store, VAULT, schema(1, FAVOURITE), nothing)
    await write(
        store, said("m1", "favourite_colour", "green"), said("m2", "favourite_colour", "red", "stated")
    )
    colours = FAVOURITE | {"name": "colours", "type": "texts", "sensitivity": "personal"}
    deprecated = {"since": 2, "why": "people like several", "instead": "colours"}
    await publish(store, VAULT, schema(2, colours, FAVOURITE | {"deprecated": deprecated}), nothing)

    tried = await migrate(store, VAULT, "favourite_colour", nothing, dry_run=True)
    done = await migrate(store, VAULT, "favourite_colour", nothing, dry_run=False)
    again = await migrate(store, VAULT, "favourite_colour", nothing, dry_run=False)
    assert (tried.moved, done.moved, again.moved) == (2, 2, 0)
    assert (await seen(store))["colours"] == ["red"]

    await publish(store, VAULT, schema(3, colours), nothing)
    assert (await row(store)).traits == {"colours": ["red"]}
    assert await rows(store, "SELECT DISTINCT name FROM profiles.traits WHERE name LIKE '%colour%'") == [
        ("colours",)
    ]


async def test_a_publication_that_was_ended_halfway_can_be_finished(store: Store, customers_url: str) -> None:
    await store.write([record()])
    await publish(store, VAULT, schema(1), nothing)
    assert not await finish(store, VAULT, nothing)

    def ended(_count: int) -> None:
        raise KeyboardInterrupt

    await write(store, said("m1", "loyalty_points", 5, "pos"))
    with pytest.raises(KeyboardInterrupt):
        await publish(store, VAULT, schema(2, loyalty_points={"sources": ["loyalty"]}), ended)
    assert await finish(store, VAULT, nothing)
    assert (await row(store)).traits == {}
    assert not await finish(store, VAULT, nothing)


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (schema(2, loyalty_points={"type": "text"}), "loyalty_points: `type` can't change"),
        (schema(2, language={"sensitivity": "sensitive"}), "language: `sensitivity` can't change"),
        (schema(2, without="language"), "language: deprecate it in one version before"),
    ],
)
def test_what_would_break_values_at_rest_is_refused(after: Schema, fault: str) -> None:
    faults = compare(schema(1), after).faults
    assert len(faults) == 1 and faults[0].startswith(fault)


async def test_a_version_must_follow_the_one_in_force(store: Store) -> None:
    await publish(store, VAULT, schema(1), nothing)
    with pytest.raises(NotPublished, match="the next one is 2"):
        await publish(store, VAULT, schema(1, FAVOURITE), nothing)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"type": "colour"}, "test: favourite_colour: type: Input should be"),
        ({"held": "core"}, "test: favourite_colour: customers have no such column"),
        ({"seen_as": "days_since_colour"}, "test: favourite_colour: only a day or a moment"),
        ({"sources": []}, "test: favourite_colour: what is derived has no `sources`"),
        ({"also": ["firstName"]}, "test: 'firstName' is both first_name and favourite_colour"),
        (
            {"deprecated": {"since": 1, "why": "x", "instead": "hue"}},
            "test: favourite_colour: 'hue', to be used",
        ),
    ],
)
def test_a_mistake_is_named_with_its_attribute(changes: dict[str, Any], line: str) -> None:
    with pytest.raises(BadDeclaration) as refusal:
        schema(1, FAVOURITE | changes)
    assert str(refusal.value).startswith(line)


def test_every_attribute_of_the_files_has_words_for_people() -> None:
    assert all(isinstance(one, Attribute) and one.title[0].isupper() for one in DECLARED.attributes)
