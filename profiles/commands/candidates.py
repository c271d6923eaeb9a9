"""`candidates`: customers who may be one person."""

import argparse
import asyncio
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from profiles.commands.stores import with_store
from profiles.identity.candidates import LIKELY, SURE, Found, find_candidates
from profiles.store import Store


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "candidates",
        help="find customers who may be one person",
        description=f"Compare all customers. Those who are one with a probability of {SURE} are merged; from "
        f"{LIKELY} on they are proposed to a person.",
    )
    parser.add_argument(
        "--propose", action="store_true", help="merge nobody: propose those who are one for sure as well"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what it would do, and do nothing")
    return parser


def run(options: argparse.Namespace) -> int:
    """Find them, with progress on stderr."""
    console = Console(stderr=True, highlight=False)
    with Progress(TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("", total=1.0)

        async def find(store: Store) -> Found:
            return await find_candidates(
                store,
                lambda what, share: bar.update(task, description=what, completed=share),
                dry_run=options.dry_run,
                propose_only=options.propose,
            )

        found = asyncio.run(with_store(find))
        bar.update(task, description="done", completed=1.0)
    for one in found.merged:
        number = "" if options.dry_run else f" (merge {one.merge_id})"
        print(f"one person: {one.kept_id} {one.merged_id}{number}")
    for likely in found.proposed:
        print(f"{likely.probability:10.3f}: {likely.older} {likely.younger}: {likely.why_asked}")
    would = "would be " if options.dry_run else ""
    print(
        f"{found.customers} customers compared: {len(found.merged)} {would}merged, "
        f"{len(found.proposed)} {would}proposed"
    )
    return 0
