"""A newer version of a schema that is found compatible accepts everything that the older one accepted."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator

from profiles.quality.compatibility import Schema, narrower

NAMES = ["a", "b", "c"]
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 6),
        st.sampled_from([0.5, 1.5, 4.0]),
        st.sampled_from(["", "a", "bb", "ccc", "x1"]),
    ),
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(st.sampled_from(NAMES), below, max_size=3)
    ),
    max_leaves=4,
)
types = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
words: dict[str, st.SearchStrategy[Any]] = {
    "type": st.one_of(types, st.lists(types, min_size=1, max_size=3, unique=True)),
    "enum": st.lists(st.sampled_from([None, True, 1, 2, "a", "bb"]), min_size=1, max_size=4, unique_by=repr),
    "minimum": st.integers(0, 3),
    "exclusiveMinimum": st.integers(0, 3),
    "maximum": st.integers(2, 5),
    "minLength": st.integers(0, 2),
    "maxLength": st.integers(1, 3),
    "minItems": st.integers(0, 2),
    "maxItems": st.integers(1, 3),
    "pattern": st.sampled_from(["^a", "b"]),
    "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
    "anyOf": st.lists(
        st.builds(
            lambda names: {"required": names},
            st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True),
        ),
        min_size=1,
        max_size=2,
    ),
}


def schemas(depth: int = 1) -> st.SearchStrategy[Schema]:
    """Schemas of the keywords that are compared. All name the same properties: new ones are another matter."""
    more: dict[str, st.SearchStrategy[Any]] = dict(words)
    if depth:
        below = schemas(depth - 1)
        more["properties"] = st.fixed_dictionaries(dict.fromkeys(NAMES, below))
        more["items"] = below
    return st.fixed_dictionaries({}, optional=more)


@st.composite
def versions(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """An older schema and one that differs in a few keywords, so that compatible ones are likely."""
    older = draw(schemas())
    other = draw(schemas())
    kept = {key: value for key, value in older.items() if draw(st.integers(0, 3))}
    added = {key: value for key, value in other.items() if not draw(st.integers(0, 3))}
    if "properties" in added and "properties" not in older:
        del added["properties"]
    return {**kept, **added}, older


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(versions(), st.lists(values, min_size=3, max_size=6))
def test_a_compatible_version_refuses_nothing_that_was_accepted(
    pair: tuple[Schema, Schema], some: list[Any]
) -> None:
    newer, older = pair
    assume(not narrower(newer, older))
    accepted = [value for value in some if Draft202012Validator(older).is_valid(value)]
    assert [value for value in accepted if not Draft202012Validator(newer).is_valid(value)] == []


@settings(max_examples=50, deadline=None)
@given(schemas())
def test_a_schema_is_compatible_with_itself(schema: Schema) -> None:
    assert narrower(schema, schema) == []


@pytest.mark.parametrize(
    ("newer", "older", "mistake"),
    [
        ({"type": "integer"}, {"type": "number"}, "the whole: type number is not accepted any more"),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "the whole: 'b' is not accepted any more"),
        ({"enum": ["a"]}, {"type": "string"}, "the whole: only some values are accepted now"),
        ({"maxLength": 4}, {"maxLength": 5}, "the whole: maxLength is 4, was 5"),
        ({"minimum": 0}, {}, "the whole: minimum is 0, was none"),
        ({"required": ["a"]}, {"required": ["b"]}, "the whole: a is required now"),
        (
            {"anyOf": [{"required": ["a"]}]},
            {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
            "the whole: none of the older ways to fill it is enough now",
        ),
        (
            {"items": {"type": "string"}},
            {"type": "array"},
            "[]: type array, boolean, integer, null, number, object",
        ),
    ],
)
def test_what_becomes_narrower_is_named(newer: Schema, older: Schema, mistake: str) -> None:
    assert narrower(newer, older)[0].startswith(mistake)


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ({"type": "number"}, {"type": "integer"}),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}),
        ({"type": "string"}, {"enum": ["a"]}),
        ({}, {"required": ["a"], "maxLength": 3}),
        ({"required": ["a"]}, {"anyOf": [{"required": ["a"]}, {"required": ["a", "b"]}]}),
        ({"properties": {"new": {"type": "string"}}}, {"properties": {}}),
    ],
)
def test_what_becomes_wider_is_compatible(newer: Schema, older: Schema) -> None:
    assert narrower(newer, older) == []
