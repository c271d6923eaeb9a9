"""Checks events against the declared schemas of their types; everything is read and compiled once.

A schema describes values as they are kept (amounts are numbers, times are ISO 8601, labels have one spelling), so
that an event that fits needs no work. One that does not is normalised, and checked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError

from profiles.events.envelope import Event
from profiles.protocol import Purpose
from profiles.quality.normalise.properties import normalised
from profiles.quality.registry import PAGE, EventType, Schema, read_types

#: Longer lists of problems help nobody.
MOST_PROBLEMS = 10


@dataclass(frozen=True)
class _Compiled:
    type: EventType
    #: By their version; the newest last.
    validators: Mapping[int, Draft202012Validator]
    newest: Draft202012Validator
    schema: Schema


class Registry:
    """The declared types of events."""

    def __init__(self, types: Mapping[str, EventType]) -> None:
        self._types = {name: _compile(declared) for name, declared in types.items()}

    def check(self, event: Event) -> list[str]:
        """What is wrong with the event, in words that repeat nothing of it; empty when it is as declared.

        An event may say which version it keeps to (`context.protocols.event_version`, Segment's word for it).
        One that says nothing is taken by whichever version accepts it; its problems are those with the newest.
        """
        compiled = self._of(event.type, event.event)
        if compiled is None:
            return [] if event.type != "track" else ["there is no event type of this name"]
        said = _version(event)
        if said is None:
            if compiled.newest.is_valid(event.properties):
                return []
            if any(validator.is_valid(event.properties) for validator in compiled.validators.values()):
                return []
            return _problems(compiled.newest, event.properties)
        validator = compiled.validators.get(said)
        if validator is None:
            return [f"this event type has no version {said}"]
        return _problems(validator, event.properties)

    def accept(self, event: Event) -> tuple[Event, list[str]]:
        """The event as it is kept, and what is wrong with it: checked, and if it does not fit normalised first."""
        problems = self.check(event)
        compiled = self._of(event.type, event.event)
        if not problems or compiled is None:
            return event, problems
        properties = normalised(event.properties, compiled.schema)
        if properties == event.properties:
            return event, problems
        normal = event.model_copy(update={"properties": properties})
        return normal, self.check(normal)

    def declared(self, kind: str, name: str | None) -> frozenset[str]:
        """The properties that the newest version of a type declares."""
        compiled = self._of(kind, name)
        return frozenset(compiled.schema.get("properties", {})) if compiled else frozenset()

    def purpose(self, kind: str, name: str | None) -> Purpose:
        """For what events of this kind and name may be kept. Who somebody is, is for service."""
        compiled = self._of(kind, name)
        return compiled.type.purpose if compiled else "analytics" if kind == "track" else "service"

    def sensitive(self, kind: str, name: str | None) -> frozenset[str]:
        """Those of their properties that may tell who somebody is, or what they think."""
        compiled = self._of(kind, name)
        return frozenset(compiled.type.sensitive) if compiled else frozenset()

    def _of(self, kind: str, name: str | None) -> _Compiled | None:
        if kind == "track":
            return self._types.get(name or "")
        return self._types.get(PAGE) if kind == "page" else None


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The registry of `data/profiles/events`.

    Raises:
        UnusableSchemas
    """
    return Registry(read_types())


def check(event: Event) -> list[str]:
    """See `Registry.check`."""
    return registry().check(event)


def _compile(declared: EventType) -> _Compiled:
    validators = {
        version.version: Draft202012Validator(
            version.json_schema, validate_formats=True, mask="this", offline=True
        )
        for version in declared.versions
    }
    newest = declared.versions[-1]
    return _Compiled(declared, validators, validators[newest.version], newest.json_schema)


def _version(event: Event) -> int | None:
    protocols = event.context.get("protocols")
    said = protocols.get("event_version") if isinstance(protocols, dict) else None
    if isinstance(said, str) and said.isdecimal():
        said = int(said)
    return said if isinstance(said, int) and not isinstance(said, bool) else None


def _problems(validator: Draft202012Validator, properties: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for error in validator.iter_errors(properties):
        found.append(_words(error))
        if len(found) == MOST_PROBLEMS:
            break
    return found


def _words(error: ValidationError) -> str:
    """The place and the rule. Keys that senders make up are no part of a place: only declared ones are checked."""
    place = ".".join(str(part) for part in ["properties", *error.instance_path])
    message = error.message
    if error.kind.name == "anyOf":
        message = "something of what it must have one of is missing"
    return f"{place}: {message}"
