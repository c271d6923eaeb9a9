"""What kind of value an attribute has, and whether a condition fits it."""

from collections.abc import Iterator, Mapping
from typing import Literal

from profiles.conditions.tree import LISTS, ORDERING, All, Any, Comparison, Condition, Missing, Not, Operator

#: `texts` is a list of texts. A whole number and a fraction are one kind.
Kind = Literal["number", "text", "boolean", "texts"]


def kind_of(value: object) -> Kind | None:
    """The kind of a value; None for a missing one or one that conditions can't speak of."""
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list() | tuple() | set() | frozenset():
            return "texts"
        case _:
            return None


def comparable(kind: Kind | None, op: Operator, value: object) -> bool:
    """Whether an attribute of this kind can be compared with this constant; if not, the result is unknown."""
    if op == "contains":
        return kind in {"text", "texts"}
    if op in ORDERING:
        return kind == "number"
    if op in LISTS and isinstance(value, tuple):
        value = value[0]
    return kind is not None and kind == kind_of(value)


def check(condition: Condition, kinds: Mapping[str, Kind], path: str = "condition") -> list[str]:
    """What is wrong with a condition for attributes of these kinds: unknown names, values of another kind.

    Evaluation takes such comparisons as unknown; files that people edit should be refused instead.

    Returns:
        One line for each mistake, each beginning with its path; empty when the condition fits.
    """
    return list(_misfits(condition, kinds, path))


def _misfits(condition: Condition, kinds: Mapping[str, Kind], path: str) -> Iterator[str]:
    match condition:
        case Comparison(attribute=name) if name not in kinds:
            yield f"{path}.attribute: '{name}' is not an attribute"
        case Missing(missing=name) if name not in kinds:
            yield f"{path}.missing: '{name}' is not an attribute"
        case Comparison(attribute=name, op=op, value=value) if not comparable(kinds[name], op, value):
            yield f"{path}.value: '{name}' is of kind {kinds[name]}; '{op}' {value!r} does not fit it"
        case Not(negated=part):
            yield from _misfits(part, kinds, f"{path}.not")
        case All(all=parts):
            for i, part in enumerate(parts):
                yield from _misfits(part, kinds, f"{path}.all[{i}]")
        case Any(any=parts):
            for i, part in enumerate(parts):
                yield from _misfits(part, kinds, f"{path}.any[{i}]")
