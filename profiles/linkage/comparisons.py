"""How alike two values of a column can be: the levels that the model learns a weight for."""

from collections.abc import Sequence
from typing import Any

import splink.comparison_level_library as levels
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from profiles.linkage.values import Kind

SAME, NEARLY, ALIKE, REMOTELY, DIFFERENT = (
    "the same",
    "nearly the same",
    "alike",
    "remotely alike",
    "different",
)
SWAPPED, DAY_AND_MONTH, MISSING = "in each other's place", "day and month swapped", "missing"

#: Values of these kinds are written into each other's fields by mistake.
_NEIGHBOURS: tuple[frozenset[Kind], ...] = (
    frozenset({"given_name", "surname"}),
    frozenset({"street", "city"}),
)


def comparison(name: str, kind: Kind, others: Sequence[tuple[str, Kind]]) -> CustomComparison:
    """The levels of a column, best first. `others` are the columns beside it, whose values it may hold by mistake."""
    swapped = _swapped(name, [other for other, other_kind in others if _neighbours(kind, other_kind)])
    same: ComparisonLevelCreator = levels.ExactMatchLevel(name).configure(
        tf_adjustment_column=name, label_for_charts=SAME
    )
    graded: list[ComparisonLevelCreator | dict[str, Any]] = [
        levels.NullLevel(name).configure(label_for_charts=MISSING),
        same,
        *_between(name, kind, swapped),
        levels.ElseLevel().configure(label_for_charts=DIFFERENT),
    ]
    return CustomComparison(graded, output_column_name=name)


def _neighbours(kind: Kind, other: Kind) -> bool:
    return any({kind, other} <= group for group in _NEIGHBOURS)


def _swapped(name: str, others: Sequence[str]) -> list[ComparisonLevelCreator]:
    if not others:
        return []
    # One way only: the other way is the evidence of the other column, and would count twice.
    any_of = " OR ".join(f"{name}_l = {other}_r" for other in others)
    return [levels.CustomLevel(any_of, label_for_charts=SWAPPED)]


def _between(
    name: str, kind: Kind, swapped: Sequence[ComparisonLevelCreator]
) -> list[ComparisonLevelCreator]:
    if kind == "category":
        return []
    if kind in ("postcode", "identifier", "phone"):
        return [_slips(name, 1, NEARLY), _slips(name, 2, ALIKE)]
    if kind == "house_number":
        return [_slips(name, 1, NEARLY)]
    if kind == "date":
        turned = f"{name}_l = substr({name}_r, 1, 4) || substr({name}_r, 7, 2) || substr({name}_r, 5, 2)"
        year = f"substr({name}_l, 1, 4) = substr({name}_r, 1, 4)"
        return [
            levels.CustomLevel(turned, label_for_charts=DAY_AND_MONTH),
            _slips(name, 1, NEARLY),
            _slips(name, 2, ALIKE),
            levels.CustomLevel(year, label_for_charts="of the same year"),
        ]
    if kind == "email":
        first = f"split_part({name}_l, '@', 1) = split_part({name}_r, '@', 1)"
        # No resemblance: addresses are made of names, which have their own columns.
        return [
            _slips(name, 1, NEARLY),
            levels.CustomLevel(first, label_for_charts="the same but for what follows @"),
        ]
    return [
        _resembles(name, 0.95, NEARLY),
        *swapped,
        _resembles(name, 0.88, ALIKE),
        _resembles(name, 0.75, REMOTELY),
    ]


def _slips(name: str, count: int, label: str) -> ComparisonLevelCreator:
    """So many letters left out, put in, changed or exchanged."""
    return levels.DamerauLevenshteinLevel(name, count).configure(label_for_charts=label)


def _resembles(name: str, least: float, label: str) -> ComparisonLevelCreator:
    return levels.JaroWinklerLevel(name, least).configure(label_for_charts=label)
