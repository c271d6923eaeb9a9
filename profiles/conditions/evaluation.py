"""A condition for one customer, in Python."""

import operator
from collections.abc import Callable
from typing import Any as Anything

from profiles.conditions.kinds import comparable, kind_of
from profiles.conditions.tree import All, Any, Comparison, Condition, Missing, Not

#: Gives the value of a name, or None when there is none. Called only for names that are needed, once for
#: each comparison that reads it, so that a caller can note what was read.
Read = Callable[[str], object | None]

_COMPARE: dict[str, Callable[[Anything, Anything], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, choices: value in choices,
    "not_in": lambda value, choices: value not in choices,
    "contains": lambda value, part: part in value,
}


def evaluate(condition: Condition, read: Read) -> bool | None:
    """True, false, or None for unknown. Stops at the first part that settles the answer."""
    match condition:
        case Comparison(attribute=name, op=op, value=constant):
            value = read(name)
            return _COMPARE[op](value, constant) if comparable(kind_of(value), op, constant) else None
        case Missing(missing=name):
            return read(name) is None
        case Not(negated=part):
            verdict = evaluate(part, read)
            return None if verdict is None else not verdict
        case All(all=parts):
            return _first(parts, read, settles=False)
        case Any(any=parts):
            return _first(parts, read, settles=True)


def holds(condition: Condition, read: Read) -> bool:
    """Whether the condition is true; unknown counts as false."""
    return evaluate(condition, read) is True


def _first(parts: tuple[Condition, ...], read: Read, *, settles: bool) -> bool | None:
    unknown = False
    for part in parts:
        verdict = evaluate(part, read)
        if verdict is settles:
            return settles
        unknown = unknown or verdict is None
    return None if unknown else not settles
