"""Reads the event types of `data/profiles/events`: what each is for, and the versions of its JSON Schema."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema_rs
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from profiles.protocol import Purpose
from profiles.quality.compatibility import incomparable, narrower
from profiles.quality.normalise.properties import unknown_rules

EVENTS_FOLDER = Path(__file__).parents[2] / "data" / "profiles" / "events"
SHARED = "shared.yml"
#: What a page without a declared name of its own is.
PAGE = "Page Viewed"

Schema = dict[str, Any]


class UnusableSchemas(ValueError):
    """The event types are not usable; the message has a line for each mistake."""


class Version(BaseModel):
    """One version of an event type: what its properties may be."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    version: Annotated[int, Field(ge=1)]
    since: date
    json_schema: Annotated[Schema, Field(alias="schema")]


class EventType(BaseModel):
    """One type of event.

    Attributes:
        purpose: for what it may be kept; without consent for that it is dropped.
        sensitive: properties that may tell who somebody is, or what they think.
        versions: the oldest first. A newer one accepts what an older one accepted.
    """

    model_config = ConfigDict(extra="forbid")

    event: Annotated[str, Field(min_length=1, max_length=100)]
    kind: Literal["track", "page"] = "track"
    about: str
    purpose: Purpose
    sensitive: list[str] = []
    versions: Annotated[list[Version], Field(min_length=1)]


def read_types(folder: Path = EVENTS_FOLDER) -> dict[str, EventType]:
    """All event types by their name, in alphabetical order, with the shared definitions put in.

    Raises:
        UnusableSchemas: names every file that is not as it should be.
        OSError: a file can't be read.
    """
    types: dict[str, EventType] = {}
    mistakes: list[str] = []
    shared = _yaml(folder / SHARED) if (folder / SHARED).exists() else {}
    for file in sorted(folder.glob("*.yml")):
        if file.name == SHARED:
            continue
        try:
            found = EventType.model_validate(_yaml(file))
            for version in found.versions:
                version.json_schema = _resolved(version.json_schema, shared)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            mistakes.append(f"{file.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}")
            continue
        except UnusableSchemas as error:
            mistakes.append(f"{file.name}: {error}")
            continue
        if found.event in types:
            mistakes.append(f"{file.name}: {found.event} has a file already")
        types[found.event] = found
        mistakes += [f"{file.name}: {mistake}" for mistake in _mistakes(found)]
    if mistakes:
        raise UnusableSchemas("\n".join(mistakes))
    return dict(sorted(types.items()))


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise UnusableSchemas(f"{file.name}: {error}") from None


def _mistakes(of: EventType) -> list[str]:
    found = []
    numbers = [version.version for version in of.versions]
    if numbers != list(range(1, len(numbers) + 1)):
        found.append(f"versions must be 1, 2, 3, … and are {numbers}")
    for version in of.versions:
        if not jsonschema_rs.meta.is_valid(version.json_schema):
            return [f"version {version.version} is no JSON Schema"]
        found += [f"version {version.version}: {where}" for where in incomparable(version.json_schema)]
        found += [f"version {version.version}: {where}" for where in unknown_rules(version.json_schema)]
    if found:
        return found
    for older, newer in zip(of.versions, of.versions[1:], strict=False):
        found += [
            f"version {newer.version} refuses what version {older.version} accepts: {where}"
            for where in narrower(newer.json_schema, older.json_schema)
        ]
    declared = of.versions[-1].json_schema.get("properties", {})
    found += [f"{name} is sensitive, but no property" for name in of.sensitive if name not in declared]
    return found


def _resolved(schema: Schema, shared: Mapping[str, Schema], within: tuple[str, ...] = ()) -> Schema:
    """The schema with its `$ref`s put in. What stands beside a reference adds properties to it."""
    own = {keyword: _resolve_below(keyword, value, shared, within) for keyword, value in schema.items()}
    name = own.pop("$ref", None)
    if name is None:
        return own
    if name not in shared or name in within:
        raise UnusableSchemas(
            f"{name} is no shared definition" if name not in shared else f"{name} holds itself"
        )
    base = _resolved(shared[name], shared, (*within, name))
    added = own.pop("properties", {})
    twice = own.keys() & base.keys() | added.keys() & base.get("properties", {}).keys()
    if twice:
        raise UnusableSchemas(f"{', '.join(sorted(twice))} stands in {name} already")
    merged = {**base, **own}
    if added:
        merged["properties"] = {**base.get("properties", {}), **added}
    return merged


def _resolve_below(keyword: str, value: Any, shared: Mapping[str, Schema], within: tuple[str, ...]) -> Any:
    if keyword == "properties":
        return {name: _resolved(below, shared, within) for name, below in value.items()}
    return _resolved(value, shared, within) if keyword == "items" else value
