"""What a new version of the schema changes, and what may not be changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from profiles.traits.declared import Attribute, Schema

#: What values at rest depend on; these stay as they were first published.
_FIXED = ("type", "held", "sensitivity")


@dataclass(frozen=True)
class Comparison:
    """From one version to the next.

    Attributes:
        lines: each change in plain words, for people.
        faults: why it can't be published; empty when it can.
        added, removed: names of attributes.
        unsettled: the attributes for which another value may count now.
        views_change: whether what somebody may see is different.
    """

    lines: Sequence[str]
    faults: Sequence[str]
    added: frozenset[str]
    removed: frozenset[str]
    unsettled: frozenset[str]
    views_change: bool


def compare(before: Schema, after: Schema, *, rollback: bool = False) -> Comparison:
    """What publishing `after` would change. A rollback may take away what was added, without its values."""
    old, new = before.by_name, after.by_name
    lines: list[str] = []
    faults: list[str] = []
    unsettled: set[str] = set()
    views_change = False
    for name in sorted({*old, *new}):
        was, becomes = old.get(name), new.get(name)
        if becomes is None:
            lines.append(f"- {name}")
            if was is not None and not rollback:
                faults += _removal_faults(was)
            views_change = True
        elif was is None:
            lines.append(
                f"+ {name}: {becomes.type}, {becomes.held}, for {', '.join(sorted(becomes.purposes))}"
            )
            unsettled.add(name)
        elif was != becomes:
            changed = [
                field for field in Attribute.model_fields if getattr(was, field) != getattr(becomes, field)
            ]
            lines += [_say(name, field, getattr(was, field), getattr(becomes, field)) for field in changed]
            fixed = [field for field in changed if field in _FIXED]
            faults += [
                f"{name}: `{field}` can't change where values rest; declare a new attribute, deprecate this one "
                "with `instead`, and migrate"
                for field in fixed
            ]
            views_change |= bool({"purposes", "seen_as"} & set(changed))
            if {"sources", "retention_days"} & set(changed):
                unsettled.add(name)
    if before.matrix != after.matrix:
        lines.append("~ the source matrix")
        unsettled |= {attribute.name for attribute in after.attributes}
    kept = {name for name in unsettled if new[name].held != "derived"}
    return Comparison(
        lines=tuple(lines),
        faults=tuple(faults),
        added=frozenset(new.keys() - old.keys()),
        removed=frozenset(old.keys() - new.keys()),
        unsettled=frozenset(kept),
        views_change=views_change,
    )


def _removal_faults(attribute: Attribute) -> list[str]:
    if attribute.held == "core":
        return [f"{attribute.name}: a column of customers can't be taken away"]
    if attribute.deprecated is None:
        return [f"{attribute.name}: deprecate it in one version before a later one takes it away"]
    return []


def _say(name: str, field: str, was: object, becomes: object) -> str:
    if field == "deprecated" and becomes is not None:
        return f"~ {name}: deprecated"
    return f"~ {name}: {field} {_plain(was)} -> {_plain(becomes)}"


def _plain(value: object) -> str:
    if isinstance(value, tuple | frozenset):
        return f"[{', '.join(sorted(map(str, value)))}]"
    return "none" if value is None else str(value)
