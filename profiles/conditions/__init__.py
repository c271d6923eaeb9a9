"""The one condition language of the project: segments, variants, paths.

Truth has three values (Kleene): true, false and unknown (None). A comparison with a missing value, or with
a value of another kind than its own (text against a number), is unknown; `not` unknown is unknown; `all` is
false as soon as one part is false, `any` true as soon as one part is true; unknown at the top counts as
false. `evaluate` (Python, one customer) and `to_ibis` (SQL, all customers) agree on every row.
"""

from profiles.conditions.evaluation import evaluate, holds
from profiles.conditions.kinds import Kind, check
from profiles.conditions.sql import to_ibis
from profiles.conditions.tree import (
    All,
    Any,
    Comparison,
    Condition,
    ConditionError,
    Missing,
    Not,
    attributes,
    parse,
)
from profiles.conditions.words import describe

__all__ = [
    "All",
    "Any",
    "Comparison",
    "Condition",
    "ConditionError",
    "Kind",
    "Missing",
    "Not",
    "attributes",
    "check",
    "describe",
    "evaluate",
    "holds",
    "parse",
    "to_ibis",
]
