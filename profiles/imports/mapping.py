"""How the columns of a file become events: `data/profiles/mappings/*.yml`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from profiles.imports.transforms import TRANSFORMS
from profiles.protocol import ShortText
from profiles.traits.declared import Schema

Kind = Literal["customers", "orders", "tickets", "events"]
#: What a row of a kind tells of, unless the mapping says otherwise.
_EVENTS: dict[Kind, str] = {"orders": "Order Completed", "tickets": "Ticket Opened"}


class BadMapping(ValueError):
    """The mapping can't be used; one line for each mistake."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("no time zone of this name is known") from None
    return name


class Value(BaseModel):
    """Where a value comes from.

    Attributes:
        column: of the file; in JSON lines `a.b` is the member `b` of the member `a`.
        constant: the same for every row, instead of a column.
        transform: what the text of the column is; in the file it is called `as`.
        values: what stands for what, before the transform (`{J: true, N: false}`); anything else is refused.
        prefix: put before a text.
        separator: what parts the texts of one cell.
        required: a row without it is refused.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    column: str | None = None
    constant: Any = None
    transform: Annotated[str, Field(alias="as")] = "text"
    values: dict[str, Any] | None = None
    prefix: str = ""
    separator: str = ","
    required: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.column is None) == (self.constant is None):
            raise ValueError("give either `column` or `constant`")
        if self.transform not in TRANSFORMS:
            raise ValueError(f"`as` is one of {', '.join(sorted(TRANSFORMS))}")
        return self


class Mapping(BaseModel):
    """What the rows of a file say.

    Attributes:
        kind: customers become `identify` events, everything else `track` events.
        source: who says it; the source matrix knows it by this name.
        user_id, anonymous_id: whose row it is; at least one.
        row_key: columns whose values together name a row, the same in every file of this source.
        at: when it was so; without it `--as-of` says it for the whole file.
        event: the name of the event.
        fields: attributes of customers, or properties of events; `address.city` is the part of a document.
        country: of phone numbers and postcodes that don't say theirs.
        month_first: 3/4/2026 is March 4th.
        timezone: of times that don't say theirs, such as `Europe/London`.
        leave_out: rows whose column has one of these values are none of ours, and no mistake.
        empty: what stands for no value, besides nothing.
        delimiter, encoding: of CSV.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    kind: Kind
    source: ShortText
    user_id: Value | None = None
    anonymous_id: Value | None = None
    row_key: Annotated[list[str], Field(min_length=1)]
    at: Value | None = None
    event: Value | None = None
    fields: dict[str, Value]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "GB"
    month_first: bool = False
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    leave_out: dict[str, list[str]] = {}
    empty: list[str] = []
    delimiter: str | None = None
    encoding: str = "utf-8-sig"

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.user_id is None and self.anonymous_id is None:
            raise ValueError("say whose the rows are: `user_id` or `anonymous_id`")
        if self.kind == "customers" and self.event is not None:
            raise ValueError("rows of customers have no `event`")
        if self.kind == "events" and self.event is None:
            raise ValueError("say which `event` a row is")
        return self

    def event_name(self) -> Value | None:
        """Where the name of the event comes from; None for customers."""
        if self.event is not None or self.kind == "customers":
            return self.event
        return Value(constant=_EVENTS[self.kind])

    def columns(self) -> set[str]:
        """All columns that a file has to have."""
        said = [self.user_id, self.anonymous_id, self.at, self.event, *self.fields.values()]
        return {one.column for one in said if one is not None and one.column is not None} | {
            *self.row_key,
            *self.leave_out,
        }


def read_mapping(path: Path) -> Mapping:
    """The mapping of a file.

    Raises:
        BadMapping
    """
    try:
        return Mapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadMapping(f"{path.name}: can't be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadMapping(f"{path.name}: not YAML: {error}") from None
    except ValidationError as error:
        found = error.errors(include_url=False)
        lines = [
            f"{path.name}: {': '.join([*map(str, item['loc']), item['msg'].removeprefix('Value error, ')])}"
            for item in found
        ]
        raise BadMapping("\n".join(lines)) from None


def faults(mapping: Mapping, schema: Schema) -> Iterator[str]:
    """What of a mapping of customers the schema in force does not take."""
    if mapping.kind != "customers":
        return
    for name in sorted({path.split(".")[0] for path in mapping.fields}):
        attribute = schema.by_any_name.get(name)
        if attribute is None:
            yield f"fields: '{name}' is no attribute; see `python -m profiles attributes list`"
        elif not attribute.may_come_from(mapping.source):
            yield f"fields: '{name}' may not come from '{mapping.source}', only from {', '.join(attribute.sources)}"
