"""Rule segments from `data/decisions/segments.yml`: for one customer in Python, for all in one SQL statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from profiles.attributes import PREFIX, current_sql, segment_kinds
from profiles.conditions import Condition, ConditionError, Kind, attributes, holds, to_ibis
from profiles.conditions.reading import Entry, read_conditions, read_file
from profiles.conditions.tree import Name
from profiles.traits.declared import Schema
from profiles.traits.versions import of_files


@dataclass(frozen=True)
class Segment:
    name: str
    title: str
    when: Condition


class _SegmentEntry(Entry):
    name: Name


class _SegmentFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    segments: list[_SegmentEntry]
    otherwise: Name


@dataclass(frozen=True)
class Segments:
    """The segments in their order of precedence, and the one for whoever is in none.

    Args:
        kinds: of the names that their conditions use.
    """

    segments: tuple[Segment, ...]
    otherwise: str
    kinds: Mapping[str, Kind]

    @property
    def names(self) -> list[str]:
        """All segments in their order of precedence."""
        return [*(segment.name for segment in self.segments), self.otherwise]

    def of(self, attributes: Mapping[str, Any]) -> list[str]:
        """The segments that hold for one customer's current attributes, never none."""

        def read(name: str) -> object | None:
            return attributes.get(name.removeprefix(PREFIX))

        found = [segment.name for segment in self.segments if holds(segment.when, read)]
        return found or [self.otherwise]

    def in_order(self, names: set[str]) -> list[str]:
        """Stored memberships in the order of precedence; a segment that is no longer defined is left out."""
        return [name for name in self.names if name in names]

    def members_sql(self, schema: Schema) -> str:
        """SQL for all customers' memberships (`customer_id`, `segment`); takes the parameters `today` and `now`.

        An attribute that `schema` does not have, or has as another kind, has no value.
        """
        import ibis  # noqa: PLC0415  (a second to import, and only needed for all customers at once)

        types = {"number": "float64", "text": "string", "boolean": "boolean", "texts": "array<string>"}
        kinds = segment_kinds(schema)
        columns = {name: types[kind] for name, kind in kinds.items()}
        table = ibis.table({"customer_id": "string", **columns}, name="present")
        missing = {
            name: ibis.literal(None, types[kind])
            for name, kind in self.kinds.items()
            if kinds.get(name) != kind
        }
        table = table.mutate(**missing) if missing else table
        verdicts = table.select(
            "customer_id",
            **{segment.name: to_ibis(segment.when, table).fill_null(False) for segment in self.segments},
        )
        holding = [f'verdicts."{segment.name}"' for segment in self.segments]
        rows = [f"('{segment.name}', {held})" for segment, held in zip(self.segments, holding, strict=True)]
        rows.append(f"('{self.otherwise}', NOT ({' OR '.join(holding)}))")
        compiled = ibis.to_sql(verdicts, dialect="postgres").replace(":", "\\:")
        return (
            f"WITH present AS ({current_sql(schema)}), verdicts AS ({compiled}) "  # noqa: S608  (names are checked)
            "SELECT verdicts.customer_id, member.segment FROM verdicts "
            f"CROSS JOIN LATERAL (VALUES {', '.join(rows)}) AS member (segment, holds) WHERE member.holds"
        )


def load(path: Path, schema: Schema | None = None) -> Segments:
    """Read the definitions; they may use what `schema` declares (by default the files of this checkout).

    Raises:
        ConditionError: with one line for each mistake, each beginning with its path in the file.
    """
    content = read_file(path, _SegmentFile)
    kinds = segment_kinds(schema or of_files())
    conditions, problems = read_conditions(content.segments, kinds, f"{path.name}: segments")
    names = [*(entry.name for entry in content.segments), content.otherwise]
    problems += [
        f"{path.name}: '{name}' is defined twice" for name in sorted(set(names)) if names.count(name) > 1
    ]
    if not content.segments:
        problems.append(f"{path.name}: segments: needs at least one segment")
    if problems:
        raise ConditionError("\n".join(problems))
    segments = tuple(
        Segment(entry.name, entry.title, condition)
        for entry, condition in zip(content.segments, conditions, strict=True)
    )
    used = {name for segment in segments for name in attributes(segment.when)}
    return Segments(segments, content.otherwise, {name: kinds[name] for name in sorted(used)})
