"""What is in the columns of a table: types, missing and distinct values, the commonest ones, quantiles."""

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import quantiles
from typing import Any

MOST_COMMON = 5
#: Longer texts are cut.
LONGEST = 60
#: Where the quantiles lie.
QUANTILES = (5, 25, 50, 75, 95)
#: The first that fits: True is an int too, and a moment is a day.
_TYPES: tuple[tuple[Any, str], ...] = (
    (bool, "boolean"),
    (int | float, "number"),
    (datetime, "moment"),
    (date, "day"),
    (str, "text"),
    (bytes | memoryview, "sealed"),
    (list, "list"),
)


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        types: how often each type of value occurs.
        distinct: how many different values.
        common: the commonest values and how often they occur; empty where values are hidden or each is another.
        least, greatest: of numbers, days and moments.
        quantiles: of numbers, see `QUANTILES`.
    """

    name: str
    rows: int
    missing: int
    distinct: int
    types: Mapping[str, int]
    common: list[tuple[str, int]] = field(default_factory=list)
    least: str | None = None
    greatest: str | None = None
    quantiles: list[float] = field(default_factory=list)
    hidden: bool = False


def profile(rows: Sequence[Mapping[str, Any]], hidden: Collection[str] = ()) -> list[Column]:
    """The columns of some rows, in the order in which they first occur.

    A column of JSON objects becomes one column a key, `facts.orders_total`.

    Args:
        hidden: columns whose values are not shown, only counted.
    """
    values: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in _flat(row):
            values.setdefault(name, []).append(value)
    return [_column(name, given, len(rows), name.split(".")[0] in hidden) for name, given in values.items()]


def _flat(row: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}.{key}", below) for key, below in value.items())
        else:
            yield name, None if value == {} else value


def _column(name: str, given: list[Any], rows: int, hidden: bool) -> Column:
    present = [value for value in given if value is not None]
    sealed = any(isinstance(value, bytes | memoryview) for value in present)
    counts = Counter(map(_text, present))
    shown = not hidden and not sealed
    numbers = [value for value in present if _is_number(value)]
    ordered = numbers or [value for value in present if isinstance(value, date | datetime)]
    repeated = [(text, times) for text, times in counts.most_common(MOST_COMMON) if times > 1]
    return Column(
        name=name,
        rows=rows,
        missing=rows - len(present),
        distinct=len(counts),
        types=dict(Counter(_type(value) for value in present).most_common()),
        common=repeated if shown else [],
        least=_text(min(ordered)) if ordered and shown else None,
        greatest=_text(max(ordered)) if ordered and shown else None,
        quantiles=_quantiles(numbers) if shown else [],
        hidden=not shown,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _quantiles(numbers: list[float]) -> list[float]:
    if len(numbers) < 2:
        return []
    hundredths = quantiles(map(float, numbers), n=100, method="inclusive")
    return [round(hundredths[place - 1], 4) for place in QUANTILES]


def _type(value: Any) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), type(value).__name__.lower())


def _text(value: Any) -> str:
    match value:
        case str():
            text = value
        case datetime() | date():
            text = value.isoformat()
        case bytes() | memoryview():
            text = bytes(value).hex()
        case _:
            text = json.dumps(value, default=str, sort_keys=True)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
