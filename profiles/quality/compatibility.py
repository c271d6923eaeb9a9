"""Whether a newer version of a schema accepts everything that an older one accepted.

For JSON Schema as a whole nobody can decide that, so schemas of events keep to the keywords below, for which it
can. Keys that the older version did not declare may get a shape: `schemas` takes an event that names no version
by whichever version accepts it.
"""

from collections.abc import Callable
from typing import Any

from jsonschema_rs import Draft202012Validator

Schema = dict[str, Any]

EVERY_TYPE = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
#: Keywords that hold a bound: how the newer bound must stand to the older one.
_AT_MOST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_AT_LEAST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_SAME = ("pattern", "format")
#: Which rules bring a value into shape; of no weight for what is accepted.
MEANS = "means"
KNOWN = frozenset(
    {MEANS, "type", "enum", "properties", "items", "required", "anyOf", *_AT_MOST, *_AT_LEAST, *_SAME}
)


def incomparable(schema: Schema, where: str = "") -> list[str]:
    """Where a schema uses more of JSON Schema than can be compared."""
    place = where or "the whole"
    found = [f"{place}: {keyword} is not used here" for keyword in sorted(schema.keys() - KNOWN)]
    if any(one.keys() != {"required"} for one in schema.get("anyOf", [])):
        found.append(f"{place}: anyOf may hold nothing but `required`")
    for name, below in schema.get("properties", {}).items():
        found += incomparable(below, f"{where}.{name}" if where else name)
    return found + (incomparable(schema["items"], f"{where}[]") if "items" in schema else [])


def narrower(newer: Schema, older: Schema, where: str = "") -> list[str]:
    """Where the newer schema refuses what the older one accepted; empty when it accepts all of it.

    It may find fault with a schema that is not narrower (a pattern that is written in another way), never the
    other way round. Both keep to the keywords that can be compared (`incomparable`).
    """
    found = [f"{where or 'the whole'}: {what}" for what in _own(newer, older)]
    properties: dict[str, Schema] = newer.get("properties", {})
    for name, schema in properties.items():
        if name in older.get("properties", {}):
            found += narrower(schema, older["properties"][name], f"{where}.{name}" if where else name)
    if "items" in newer and "array" in _types(older):
        found += narrower(newer["items"], older.get("items", {}), f"{where}[]")
    return found


def _own(newer: Schema, older: Schema) -> list[str]:
    found = []
    if "enum" in older:
        lost = [value for value in older["enum"] if _accepts(older, value) and not _accepts(newer, value)]
        found += [f"{value!r} is not accepted any more" for value in lost]
    else:
        lost_types = sorted(_types(older) - _types(newer))
        if lost_types:
            found.append(f"type {', '.join(lost_types)} is not accepted any more")
        if "enum" in newer:
            found.append("only some values are accepted now")
        found += [
            f"{keyword} is {newer[keyword]}, was {older.get(keyword, 'none')}"
            for keywords, fits in (
                (_AT_MOST, lambda new, old: new <= old),
                (_AT_LEAST, lambda new, old: new >= old),
                (_SAME, lambda new, old: new == old),
            )
            for keyword in keywords
            if keyword in newer and not _fits(fits, newer[keyword], older.get(keyword))
        ]
    found += [
        f"{name} is required now"
        for name in newer.get("required", [])
        if name not in older.get("required", []) and not all(name in one for one in _alternatives(older))
    ]
    if "anyOf" in newer:
        always = set(older.get("required", []))
        if not all(
            any(one <= always | other for one in _alternatives(newer)) for other in _alternatives(older)
        ):
            found.append("none of the older ways to fill it is enough now")
    return found


def _fits(fits: Callable[[Any, Any], bool], new: Any, old: Any) -> bool:
    return old is not None and fits(new, old)


def _alternatives(schema: Schema) -> list[set[str]]:
    """`anyOf` stands for groups of properties only, one of which must be there."""
    return [set(one["required"]) for one in schema.get("anyOf", [{"required": []}])]


def _types(schema: Schema) -> frozenset[str]:
    said = schema.get("type")
    if said is None:
        return EVERY_TYPE
    types = frozenset([said] if isinstance(said, str) else said)
    return types | {"integer"} if "number" in types else types


def _accepts(schema: Schema, value: Any) -> bool:
    return Draft202012Validator(schema).is_valid(value)
