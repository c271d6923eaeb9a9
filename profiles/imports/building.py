"""From a row to an event, or to what is wrong with the row."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from profiles.events.envelope import AHEAD, Event
from profiles.imports.mapping import Mapping, Value
from profiles.imports.reading import Row
from profiles.imports.transforms import TRANSFORMS, Reading
from profiles.quality.normalise.attributes import normal_value
from profiles.quality.schemas import registry
from profiles.traits.declared import Schema
from profiles.traits.strays import masked
from profiles.traits.values import Misfit, fit

_IDS = uuid.UUID("b1f7cf0e-3f3c-4f0a-9c53-2f1f7c3a9a11")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row, without a value of it.

    Attributes:
        column: empty when it is about the row as a whole.
        example: the value, masked.
    """

    line: int
    column: str
    reason: str
    example: str = ""

    def __str__(self) -> str:
        words = f"line {self.line}: "
        words += f"{self.column}: " if self.column else ""
        return words + self.reason + (f" ({self.example})" if self.example else "")


class Builder:
    """Makes events of rows.

    Args:
        schema: what attributes of customers may be.
        as_of: when everything was so, if the rows don't tell.
        now: when the file is brought in.
    """

    def __init__(self, mapping: Mapping, schema: Schema, as_of: datetime | None, now: datetime) -> None:
        self._mapping = mapping
        self._schema = schema
        self._as_of = as_of
        self._now = now
        self._event_name = mapping.event_name()

    def build(self, row: Row) -> Event | list[Problem] | None:
        """The event of a row, or all that is wrong with it; None when the mapping leaves it out."""
        if row.cells is None:
            return [Problem(row.line, "", "can't be read: not as many cells as columns, or no JSON object")]
        for column, values in self._mapping.leave_out.items():
            if str(row.cells.get(column, "")).strip() in values:
                return None
        problems: list[Problem] = []

        def read(value: Value | None) -> Any:
            return None if value is None else self._value(value, row, problems)

        said = {name: read(value) for name, value in self._mapping.fields.items()}
        content = _nested({name: value for name, value in said.items() if self._says(name, said)})
        name = read(self._event_name)
        ids = {"user_id": read(self._mapping.user_id), "anonymous_id": read(self._mapping.anonymous_id)}
        at = self._moment(row, problems)
        key = [row.cells.get(column) for column in self._mapping.row_key]
        if all(one is None or str(one).strip() == "" for one in key):
            problems.append(Problem(row.line, ", ".join(self._mapping.row_key), "names no row: empty"))
        if problems or at is None:
            return problems
        customers = self._mapping.kind == "customers"
        event = {
            "message_id": self._message_id(key, at.isoformat() if customers else str(name)),
            "type": "identify" if customers else "track",
            **ids,
            "event": None if customers else name,
            ("traits" if customers else "properties"): content,
            "timestamp": at,
            "received_at": self._now,
            "source": self._mapping.source,
        }
        try:
            made = Event.model_validate(event)
        except ValidationError as error:
            return [
                Problem(row.line, ".".join(map(str, item["loc"])), item["msg"].removeprefix("Value error, "))
                for item in error.errors(include_url=False, include_input=False)
            ]
        return self._checked(row, made)

    def _says(self, name: str, said: dict[str, Any]) -> bool:
        """Whether a field has a value; a constant in a document that is empty otherwise has none."""
        parent = name.rpartition(".")[0]
        beside = [
            said[other]
            for other, value in self._mapping.fields.items()
            if other.rpartition(".")[0] == parent and value.column is not None
        ]
        empty = bool(parent) and all(one is None for one in beside)
        return said[name] is not None and not empty

    def _checked(self, row: Row, event: Event) -> Event | list[Problem]:
        """As the worker would check it, so that it is said by line."""
        if event.type == "identify":
            return self._misfits(row, event.traits) or event
        kept, problems = registry().accept(event)
        return [Problem(row.line, "", problem) for problem in problems] or kept

    def _misfits(self, row: Row, traits: dict[str, Any]) -> list[Problem]:
        found = []
        for name, value in traits.items():
            try:
                attribute = self._schema.by_any_name[name]
                fit(attribute, normal_value(attribute, value))
            except Misfit as misfit:
                found.append(Problem(row.line, name, str(misfit), masked(value)))
        return found

    def _value(self, value: Value, row: Row, problems: list[Problem]) -> Any:
        if value.column is None:
            return value.constant
        cell = (row.cells or {}).get(value.column)
        if isinstance(cell, str):
            cell = cell.strip()
        if cell is None or cell == "" or cell in self._mapping.empty:
            if value.required:
                problems.append(Problem(row.line, value.column, "must have a value"))
            return None
        if value.values is not None:
            if str(cell) not in value.values:
                problems.append(
                    Problem(row.line, value.column, "stands for nothing in `values`", masked(cell))
                )
                return None
            return value.values[str(cell)]
        how = Reading(
            self._mapping.country, self._mapping.month_first, self._mapping.timezone, value.separator
        )
        kept = TRANSFORMS[value.transform](cell, how)
        if kept is None:
            problems.append(
                Problem(row.line, value.column, f"can't be read as {value.transform}", masked(cell))
            )
            return None
        return f"{value.prefix}{kept}" if value.prefix else kept

    def _moment(self, row: Row, problems: list[Problem]) -> datetime | None:
        if self._mapping.at is None:
            return self._as_of
        said = self._value(self._mapping.at, row, problems)
        if said is None:
            if not problems or problems[-1].column != self._mapping.at.column:
                problems.append(Problem(row.line, self._mapping.at.column or "at", "must have a value"))
            return None
        try:
            at = datetime.fromisoformat(str(said))
        except ValueError:
            problems.append(
                Problem(row.line, self._mapping.at.column or "at", "is no moment; say `as: moment`")
            )
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        if at > self._now + AHEAD:
            problems.append(Problem(row.line, self._mapping.at.column or "at", "is in the future"))
            return None
        return at

    def _message_id(self, key: Sequence[Any], which: str) -> str:
        """The same for the same row of any file of this source; of customers, as of the same time."""
        name = json.dumps([self._mapping.source, self._mapping.kind, *key, which], default=str)
        return f"import-{uuid.uuid5(_IDS, name).hex}"


def _nested(content: dict[str, Any]) -> dict[str, Any]:
    """`{"address.city": "Leeds"}` as `{"address": {"city": "Leeds"}}`."""
    nested: dict[str, Any] = {}
    for path, value in content.items():
        place = nested
        *parents, name = path.split(".")
        for parent in parents:
            place = place.setdefault(parent, {})
        place[name] = value
    return nested
