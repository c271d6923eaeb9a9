"""A condition for all customers: an Ibis expression, which becomes SQL."""

import functools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from profiles.conditions import tree
from profiles.conditions.kinds import Kind, comparable
from profiles.conditions.tree import Comparison, Condition, ConditionError, Missing, Not

if TYPE_CHECKING:  # Ibis takes a second to import, and whoever only evaluates does not need it.
    import ibis.expr.datatypes as dt
    import ibis.expr.types as ir


_COMPARE: dict[str, Callable[[Any, Any], "ir.BooleanValue"]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda column, choices: column.isin(choices),
    "not_in": lambda column, choices: column.notin(choices),
    "contains": lambda column, part: column.contains(part),
}


def to_ibis(condition: Condition, table: "ir.Table") -> "ir.BooleanValue":
    """The condition over a table whose columns are named as the condition's attributes.

    The value is NULL where `evaluate` gives None. Numbers are finite: a missing number is NULL, not NaN.

    Raises:
        ConditionError: when the table has no such column.
    """
    match condition:
        case Comparison():
            return _comparison(condition, _column(condition.attribute, table))
        case Missing(missing=name):
            return _column(name, table).isnull()
        case Not(negated=part):
            return ~to_ibis(part, table)
        case tree.All(all=parts):
            return functools.reduce(operator.and_, (to_ibis(part, table) for part in parts))
        case tree.Any(any=parts):
            return functools.reduce(operator.or_, (to_ibis(part, table) for part in parts))


def _column(name: str, table: "ir.Table") -> Any:
    if name not in table.columns:
        raise ConditionError(f"'{name}' is not a column of the table")
    return table[name]


def _kind(datatype: "dt.DataType") -> Kind | None:
    if datatype.is_boolean():
        return "boolean"
    if datatype.is_numeric():
        return "number"
    if datatype.is_string():
        return "text"
    return "texts" if datatype.is_array() else None


def _comparison(comparison: Comparison, column: Any) -> "ir.BooleanValue":
    if not comparable(_kind(column.type()), comparison.op, comparison.value):
        return column.isnull().nullif(column.isnull())
    return _COMPARE[comparison.op](column, comparison.value)
