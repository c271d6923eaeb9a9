"""`link`: which records of a CSV file, or of two, speak of the same person."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from profiles.linkage.reading import BadTable

if TYPE_CHECKING:
    from profiles.linkage.files import Plan


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "link",
        help="find records of the same person in CSV files, without labels",
        description="Find records of the same person in one CSV file, or between two. What the columns are is "
        "guessed from names and content, and printed; weights are learnt from the records alone.",
    )
    parser.add_argument(
        "--input", type=Path, required=True, help="records, one a line; the first line names columns"
    )
    parser.add_argument("--other", type=Path, help="link the records of --input to those of this file")
    parser.add_argument(
        "--output", type=Path, required=True, help="the pairs: probability, decision, explanation"
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="COLUMN=KIND",
        help="say what a column is, when the guess is wrong (`ignore` leaves it out, `record` names records)",
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Link, with progress on stderr.

    Raises:
        OSError
        SystemExit: a file is no table of records; says what is wrong in it.
    """
    # The model takes a second to load, which the other commands need not wait for.
    from profiles.linkage import columns, files  # noqa: PLC0415

    paths = [options.input, options.other] if options.other else [options.input]
    console = Console(stderr=True, highlight=False)
    try:
        plan = files.plan(paths, dict(columns.parse_kind(text) for text in options.column))
    except BadTable as error:
        raise SystemExit(f"profiles: {error}") from None
    _say_columns(console, plan)
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("normalising", total=1.0)
        linked = files.run(plan, lambda what, share: bar.update(task, description=what, completed=share))
        files.write(options.output, plan, linked)
        bar.update(task, description="done", completed=1.0)
    together = "; ".join(" and ".join(rule) for rule in linked.rules)
    console.print(f"compared were pairs that agree on: {together or 'nothing'}")
    same = sum(pair.probability >= linked.threshold for pair in linked.pairs)
    print(
        f"{same} pairs of the same person (probability from {linked.threshold:.2f}), "
        f"{len(linked.pairs) - same} unsure; {linked.expected:.0f} expected among {linked.compared} compared: {options.output}"
    )
    return 0


def _say_columns(console: Console, plan: "Plan") -> None:
    places: tuple[set[int | None], ...] = (
        {column.place for column in plan.compared},
        {column.other_place for column in plan.compared},
    )
    for table, found, used in zip(plan.tables, plan.guesses, places, strict=False):
        console.print(f"{table.name}: {len(table.rows)} records", style="bold")
        for column in found:
            known = column.place in used or column.kind in ("record", "full_name")
            console.print(f"  {column.name}: {column.kind}" + ("" if known else " (not compared)"))
