"""`import`: files of other systems."""

import argparse
import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from common.settings import load as load_settings
from profiles.commands.stores import with_store
from profiles.imports.mapping import BadMapping, Kind, Mapping, read_mapping
from profiles.imports.reading import BadFile
from profiles.imports.running import MOST_PROBLEMS, Importer, Outcome
from profiles.lake.lake import Lake
from profiles.settings import WorkerSettings
from profiles.store import Store


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "import",
        help="bring in customers, orders, tickets or events from CSV, JSON lines or Parquet",
        description="Bring in a file by a mapping of its columns (data/profiles/mappings). Rows that can't be used "
        "are left out and said by line. The same file again changes nothing.",
    )
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--mapping", type=Path, required=True, help="what the columns mean")
    parser.add_argument(
        "--kind", choices=get_args(Kind), help="what the file is taken for; that of the mapping"
    )
    parser.add_argument(
        "--as-of", type=_day, metavar="DAY", help="when everything was so, if no column tells"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what it would change, and change nothing")
    parser.add_argument("--resume", action="store_true", help="go on where an earlier run of this file ended")
    parser.add_argument(
        "--bring-back", action="store_true", help="add those too who were erased at their wish"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Bring the file in; 1 when rows had to be left out, 2 when it can't be brought in at all."""
    try:
        mapping = read_mapping(options.mapping)
        if options.kind not in {None, mapping.kind}:
            raise BadMapping(f"{options.mapping.name}: is a mapping of {mapping.kind}, not of {options.kind}")
        return asyncio.run(with_store(lambda store: _import(store, mapping, options)))
    except (BadMapping, BadFile) as error:
        print(error)
        return 2


async def _import(store: Store, mapping: Mapping, options: argparse.Namespace) -> int:
    columns = (
        TextColumn(options.file.name),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0, rows=0)
        lake = Lake(load_settings(WorkerSettings).lake_folder(), store.engine, store.vault)
        importer = Importer(
            store,
            lake,
            options.file,
            mapping,
            options.as_of,
            lambda share, rows: bar.update(task, completed=share, rows=rows),
            options.bring_back,
        )
        outcome = await importer.run(dry_run=options.dry_run, resume=options.resume)
    _say(outcome, time.monotonic() - began, dry_run=options.dry_run)
    return 1 if outcome.refused else 0


def _say(outcome: Outcome, seconds: float, *, dry_run: bool) -> None:
    for problem in outcome.problems:
        print(problem)
    if len(outcome.problems) >= MOST_PROBLEMS:
        print(f"… these are the first {MOST_PROBLEMS}")
    would = "would be " if dry_run else ""
    print(f"{outcome.rows} rows in {seconds:.1f} s ({outcome.rows / max(seconds, 0.001):.0f}/s)", end="")
    print(f", {outcome.skipped} before them skipped" if outcome.skipped else "")
    print(f"  {outcome.added} {would}new, {outcome.known} known already, {outcome.refused} can't be used")
    if outcome.left_out:
        print(f"  {outcome.left_out} left out, as the mapping says")
    if outcome.dropped:
        print(f"  {outcome.dropped} {would}dropped: their customers do not allow them")
    if outcome.erased:
        print(
            f"  {len(outcome.erased)} customers were erased at their wish: {would}left out. "
            "Do they want to come back? Then --bring-back"
        )
    print(
        f"  customers: {len(outcome.new_customers)} {would}new, {len(outcome.changed_customers)} {would}changed"
    )
    for name, count in outcome.fields.most_common():
        print(f"  {name}: in {count} rows")


def _day(text: str) -> datetime:
    """A day or moment of ISO 8601, in UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
