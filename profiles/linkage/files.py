"""Links the records of CSV files and writes the pairs to one."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from profiles.linkage import columns
from profiles.linkage.columns import Column, align, guess, split_full_names
from profiles.linkage.model import Field, Linked, Pair, Progress, link
from profiles.linkage.reading import BadTable, Table, read_csv
from profiles.linkage.values import Kind, normalise


@dataclass(frozen=True)
class Plan:
    """Tables, their record names, and the columns that will be compared."""

    tables: tuple[Table, ...]
    names: tuple[list[str], ...]
    guesses: tuple[list[Column], ...]
    compared: list[Column]


def plan(paths: Sequence[Path], said: Mapping[str, Kind]) -> Plan:
    """Read one file, or two, and find out what their columns are.

    Raises:
        BadTable: a file is no table, or nothing in it can be compared.
        OSError
    """
    tables = tuple(read_csv(path) for path in paths)
    known = {name for table in tables for name in table.header}
    for name in said:
        if name not in known:
            raise BadTable(f"no column is named {name}; there are {', '.join(sorted(known))}")
    pairs = [
        split_full_names(
            table, guess(table, {name: kind for name, kind in said.items() if name in table.header})
        )
        for table in tables
    ]
    tables, guesses = tuple(table for table, _ in pairs), tuple(found for _, found in pairs)
    compared = align(*guesses) if len(tables) == 2 else columns.compared(guesses[0])
    if not compared:
        raise BadTable("no column was found to compare; name some with --column COLUMN=KIND")
    names = tuple(_record_names(table, found) for table, found in zip(tables, guesses, strict=True))
    return Plan(tables, names, guesses, compared)


def run(plan: Plan, progress: Progress) -> Linked:
    """Link what was planned."""
    fields = []
    for column in plan.compared:
        cells = [plan.tables[0].values(column.place)]
        if column.other_place is not None:
            cells.append(plan.tables[1].values(column.other_place))
        # Together, so that both files' dates are read in the order that either of them shows.
        spelt = normalise(column.kind, [cell for values in cells for cell in values])
        split = len(cells[0])
        values = (spelt,) if len(cells) == 1 else (spelt[:split], spelt[split:])
        fields.append(Field(column.name, column.kind, values))
    return link(fields, progress)


def write(path: Path, plan: Plan, linked: Linked) -> None:
    """The pairs as CSV: names of the records, probability, whether it reaches the threshold, and why."""
    weights = [f"weight_{column.name}" for column in plan.compared]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["left", "right", "probability", "same", "explanation", *weights])
        for pair in linked.pairs:
            same = "yes" if pair.probability >= linked.threshold else "unsure"
            names = plan.names[0][pair.left], plan.names[-1][pair.right]
            said = [f"{one.weight:.2f}" for one in pair.evidence]
            writer.writerow([*names, f"{pair.probability:.6f}", same, explain(pair), *said])


def explain(pair: Pair) -> str:
    """What speaks for and against it, the strongest first, in words."""
    told = sorted(pair.evidence, key=lambda one: -abs(one.weight))
    return "; ".join(
        f"{one.column} {one.agreement}" + (f" ({one.weight:+.1f})" if one.weight else "") for one in told
    )


def _record_names(table: Table, found: Sequence[Column]) -> list[str]:
    """The value of the record column, or the line of the file."""
    own = [column for column in found if column.kind == "record"]
    if not own:
        return [f"line {line}" for line in table.lines]
    names = table.values(own[0].place)
    first: dict[str, int] = {}
    for name, line in zip(names, table.lines, strict=True):
        if name in first:
            raise BadTable(
                f"{table.name}, line {line}: the same {own[0].name} as line {first[name]}; it should name one record"
            )
        first[name] = line
    return names
