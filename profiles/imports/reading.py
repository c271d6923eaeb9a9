"""Rows of CSV, JSON lines and Parquet, one after the other, whatever the file's size."""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import orjson
from pyarrow import ArrowInvalid, parquet

from profiles.imports.mapping import Mapping

BLOCK = 1 << 20
#: Longer cells are a file that is not what it is taken for.
csv.field_size_limit(1 << 20)


class BadFile(ValueError):
    """The file can't be read, or has not the columns of the mapping."""


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        line: where it stands: of text files the line, of Parquet the row, from 1.
        cells: by column; None when the row can't be read.
        share: how much of the file has been read with it, 0 to 1.
    """

    line: int
    cells: dict[str, Any] | None
    share: float


def digest(path: Path) -> bytes:
    """SHA-256 of a file.

    Raises:
        BadFile
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        raise BadFile(f"{path.name}: can't be read: {error.strerror}") from None


def rows(path: Path, mapping: Mapping) -> Iterator[Row]:
    """All rows of a file, by its ending: `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.parquet`.

    Raises:
        BadFile
    """
    readers = {
        ".csv": _csv,
        ".tsv": _csv,
        ".txt": _csv,
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".parquet": _parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadFile(f"{path.name}: name it by what it is: {', '.join(readers)}")
    try:
        yield from reader(path, mapping)
    except OSError as error:
        raise BadFile(f"{path.name}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadFile(f"{path.name}: not {mapping.encoding}; say its `encoding` in the mapping") from None
    except (csv.Error, ArrowInvalid) as error:
        raise BadFile(f"{path.name}: {error}") from None


def _csv(path: Path, mapping: Mapping) -> Iterator[Row]:
    size, read = max(path.stat().st_size, 1), 0

    def counted(lines: TextIO) -> Iterator[str]:
        nonlocal read
        for line in lines:
            read += len(line)
            yield line

    with path.open(encoding=mapping.encoding, newline="") as text:
        delimiter = mapping.delimiter or max(",;\t|", key=text.readline().count)
        text.seek(0)
        reader = csv.reader(counted(text), delimiter=delimiter)
        names = [name.strip() for name in next(reader, [])]
        _require(path, mapping, set(names))
        for cells in reader:
            if cells:
                whole = len(cells) == len(names)
                line = dict(zip(names, cells, strict=True)) if whole else None
                # Characters against bytes: a little less than it is.
                yield Row(reader.line_num, line, min(read / size, 1.0))


def _json_lines(path: Path, mapping: Mapping) -> Iterator[Row]:
    size, read = max(path.stat().st_size, 1), 0
    known: set[str] = set()
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            read += len(line)
            if not line.strip():
                continue
            try:
                content = orjson.loads(line)
            except ValueError:
                content = None
            cells = _flat(content) if isinstance(content, dict) else None
            if cells is not None and not known:
                known = set(cells)
                _require_any(path, mapping, known)
            yield Row(number, cells, read / size)


def _parquet(path: Path, mapping: Mapping) -> Iterator[Row]:
    with parquet.ParquetFile(path) as file:
        _require(path, mapping, set(file.schema_arrow.names))
        total, number = max(file.metadata.num_rows, 1), 0
        for batch in file.iter_batches(batch_size=4096):
            for cells in batch.to_pylist():
                number += 1
                yield Row(number, _flat(cells), number / total)


def _flat(content: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Members of members under `a.b`."""
    cells: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, dict):
            cells |= _flat(value, f"{before}{name}.")
        else:
            cells[f"{before}{name}"] = value
    return cells


def _require(path: Path, mapping: Mapping, names: set[str]) -> None:
    wanted = {column.split(".")[0] if column not in names else column for column in mapping.columns()}
    if missing := sorted(wanted - names):
        raise BadFile(
            f"{path.name}: has no column {', '.join(missing)}; its columns are {', '.join(sorted(names))}"
        )


def _require_any(path: Path, mapping: Mapping, names: set[str]) -> None:
    """JSON leaves out what has no value, so that only a file of something else has none of the columns."""
    if missing := sorted(set(mapping.row_key) - names):
        raise BadFile(f"{path.name}: its first line has no {', '.join(missing)}, which name a row")
