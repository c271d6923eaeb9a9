"""Anybody's labelled messages: a CSV file with the columns `text` and `label`."""

import csv
from pathlib import Path

from nlu_models.training.dataset import DataError, Row, folded

#: Other names under which published sets have the second column.
LABEL_COLUMNS = ("label", "intent", "category")


def read_labelled_csv(file: Path, known: frozenset[str] | None = None) -> list[Row]:
    """The rows of `file`, in order.

    Args:
        known: the labels that may occur; without it every one may.

    Raises:
        DataError: with every fault, `file:line: what`.
    """
    problems: list[str] = []
    rows: list[Row] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            columns = reader.fieldnames or []
            of_label = next((name for name in LABEL_COLUMNS if name in columns), None)
            if "text" not in columns or of_label is None:
                raise DataError(
                    [f"{file}:1: needs the columns text and label, has {', '.join(columns) or 'none'}"]
                )
            for written in reader:
                text, label = (written.get("text") or "").strip(), (written.get(of_label) or "").strip()
                place = f"{file}:{reader.line_num}"
                if None in written:
                    problems.append(f"{place}: more fields than columns; put a text with commas in quotes")
                elif not text or not label:
                    problems.append(f"{place}: {'text' if not text else of_label} is empty")
                elif known is not None and label not in known:
                    problems.append(f"{place}: label {label} does not occur in the training rows")
                else:
                    rows.append(Row(text, label, file, reader.line_num))
    except (UnicodeDecodeError, csv.Error) as error:
        problems.append(f"{file}: not a CSV file in UTF-8: {error}")
    if not rows and not problems:
        problems.append(f"{file}: has no rows")
    if problems:
        raise DataError(problems)
    return rows


def check_training_rows(rows: list[Row]) -> None:
    """Check what a training needs of its rows.

    Raises:
        DataError: fewer than two labels, or a text with two of them (in any case and with any spaces).
    """
    problems = (
        []
        if len({row.label for row in rows}) > 1
        else [f"{rows[0].file}: fewer than two labels to tell apart"]
    )
    seen: dict[str, Row] = {}
    for row in rows:
        first = seen.setdefault(folded(row.text), row)
        if first.label != row.label:
            problems.append(
                f"{row.file}:{row.line}: {row.text!r} is {row.label}, but in line {first.line} {first.label}"
            )
    if problems:
        raise DataError(problems)
