"""The tree of a condition and its YAML forms.

`{attribute: customer.tier, op: in, value: [gold]}`, `{all: […]}`, `{any: […]}`, `{not: …}`, `{missing: name}`.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from profiles.mistakes import Mistake

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains"]
ORDERING: frozenset[Operator] = frozenset({"<", "<=", ">", ">="})
LISTS: frozenset[Operator] = frozenset({"in", "not_in"})

#: Beyond this a double no longer tells two integers apart, and Python and SQL would disagree.
LARGEST_INTEGER = 2**53

NEEDS_PARTS = "needs a list of at least one condition"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
Scalar: TypeAlias = bool | int | float | str


def _constant(value: object) -> Scalar | tuple[Scalar, ...]:
    if isinstance(value, list | tuple):
        return tuple(_scalar(item) for item in value)
    return _scalar(value)


def _scalar(value: object) -> Scalar:
    match value:
        case bool():
            return value
        case int() if abs(value) <= LARGEST_INTEGER:
            return value
        case float() if math.isfinite(value):
            return value
        case str() if "\x00" not in value:  # PostgreSQL's text can't hold the null character.
            return value
    raise ValueError(f"{value!r} is not a text, a finite number, true or false, nor a list of these")


class ConditionError(Mistake, ValueError):
    """A condition that can't be read, or does not fit what it is asked about; the message names the place."""


class _Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)


class Comparison(_Node):
    """An attribute against a constant. Order (`<` …) is of numbers only: text has no one order everywhere."""

    attribute: Name
    op: Operator
    value: Annotated[Scalar | tuple[Scalar, ...], BeforeValidator(_constant)]

    @model_validator(mode="after")
    def _value_fits_operator(self) -> "Comparison":
        if self.op in LISTS:
            if not isinstance(self.value, tuple) or not self.value:
                raise ValueError(f"'{self.op}' needs a list with at least one value")
            if len({_family(value) for value in self.value}) > 1:
                raise ValueError(f"the values of '{self.op}' must be all numbers, all texts or all booleans")
        elif isinstance(self.value, tuple):
            raise ValueError(f"'{self.op}' needs one value, not a list")
        elif self.op in ORDERING and _family(self.value) != "number":
            raise ValueError(f"'{self.op}' compares numbers; {self.value!r} is not a number")
        elif self.op == "contains" and not isinstance(self.value, str):
            raise ValueError("'contains' needs a text")
        return self


def _some(parts: "tuple[Condition, ...]") -> "tuple[Condition, ...]":
    if not parts:
        raise ValueError(NEEDS_PARTS)
    return parts


Parts: TypeAlias = Annotated[tuple["Condition", ...], AfterValidator(_some)]


class All(_Node):
    """Each part holds."""

    all: Parts


class Any(_Node):
    """At least one part holds."""

    any: Parts


class Not(_Node):
    """The part is false. Of an unknown part, this is unknown too."""

    negated: Annotated["Condition", Field(alias="not")]


class Missing(_Node):
    """The attribute has no value. Never unknown."""

    missing: Name


_KEYS: Mapping[str, type[_Node]] = {
    "attribute": Comparison,
    "all": All,
    "any": Any,
    "not": Not,
    "missing": Missing,
}


def _form(data: object) -> str | None:
    """The tag of the node's class. It begins with `~`, so that a mistake's path can leave it out."""
    for key, node in _KEYS.items():
        if isinstance(data, node) or (isinstance(data, dict) and key in data):
            return f"~{key}"
    return None


Condition: TypeAlias = Annotated[
    Annotated[Comparison, Tag("~attribute")]
    | Annotated[All, Tag("~all")]
    | Annotated[Any, Tag("~any")]
    | Annotated[Not, Tag("~not")]
    | Annotated[Missing, Tag("~missing")],
    Discriminator(
        _form,
        custom_error_type="condition_form",
        custom_error_message="a condition has one of the keys attribute (with op and value), all, any, not, missing",
    ),
]

for _node in _KEYS.values():
    _node.model_rebuild()
_ADAPTER: TypeAdapter[Condition] = TypeAdapter(Condition)


def parse(data: object, path: str = "condition") -> Condition:
    """Read a condition from what YAML or JSON gave.

    Args:
        data: the loaded mapping.
        path: where it stands in its file, for the message, such as `segments[2].when`.

    Raises:
        ConditionError: with one line for each mistake, each beginning with its path.
    """
    try:
        return _ADAPTER.validate_python(data)
    except ValidationError as error:
        lines = [f"{path}{_place(item['loc'])}: {_message(item)}" for item in error.errors()]
        raise ConditionError("\n".join(lines)) from None


def attributes(condition: Condition) -> set[str]:
    """Every name that the condition may read."""
    match condition:
        case Comparison(attribute=name) | Missing(missing=name):
            return {name}
        case All(all=parts) | Any(any=parts):
            return set().union(*(attributes(part) for part in parts))
        case Not(negated=part):
            return attributes(part)


def _family(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "text"


def _place(location: tuple[int | str, ...]) -> str:
    parts = (part for part in location if not str(part).startswith("~"))
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


def _message(error: ErrorDetails) -> str:
    match error["type"]:
        case "tuple_type":
            return NEEDS_PARTS
        case "string_pattern_mismatch":
            return f"{error['input']!r} is not a name such as customer.tier"
        case "literal_error":
            return f"{error['input']!r} is not one of {' '.join(get_args(Operator))}"
        case "extra_forbidden":
            return "is not a key of this form of condition"
        case "missing":
            return "is missing"
        case _:
            return error["msg"].removeprefix("Value error, ")
