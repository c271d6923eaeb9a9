"""Reads tables of records from CSV files, and says by line what is wrong with one."""

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

#: How many mistakes of a file are told at once.
SHOWN = 5
_DELIMITERS = ",;\t|"


class BadTable(ValueError):
    """A file is not a table of records; the message names the file, lines and columns, never a value."""


@dataclass(frozen=True)
class Table:
    """The cells of a file as text, stripped; an empty cell is ''."""

    name: str
    header: list[str]
    rows: list[list[str]]
    #: The line of the file that each row begins on.
    lines: list[int]

    def values(self, place: int) -> list[str]:
        """The cells of one column."""
        return [row[place] for row in self.rows]


def read_csv(path: Path) -> Table:
    """The table in a CSV file (UTF-8; separated by comma, semicolon, tab or bar) whose first line names columns.

    Raises:
        BadTable, OSError
    """
    text = _decoded(path)
    first_line = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    reader = csv.reader(
        text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    rows: list[list[str]] = []
    lines: list[int] = []
    faults: list[str] = []
    header: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            began, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(path, cells)
            elif len(cells) != len(header):
                faults.append(f"line {began}: {len(cells)} fields where the header has {len(header)}")
            else:
                rows.append([cell.strip() for cell in cells])
                lines.append(began)
    except csv.Error as error:
        faults.append(f"line {reader.line_num}: {error}")
    if header is None:
        raise BadTable(f"{path.name} is empty; the first line must name the columns")
    if faults:
        more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise BadTable(f"{path.name}: " + "; ".join(faults[:SHOWN]) + more)
    if not rows:
        raise BadTable(f"{path.name} has a header and no records")
    return Table(path.name, header, rows, lines)


def _decoded(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadTable(f"{path.name}, line {line}: not UTF-8; save the file as UTF-8") from None


def _header(path: Path, cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    if not all(header):
        raise BadTable(f"{path.name}, line 1: column {header.index('') + 1} has no name")
    twice = [name for name, count in Counter(name.casefold() for name in header).items() if count > 1]
    if twice:
        raise BadTable(f"{path.name}, line 1: more than one column is named {', '.join(sorted(twice))}")
    return header
