"""`retention`: what has been kept long enough is deleted."""

import argparse
from typing import Any

from profiles.commands.rights import with_surroundings
from profiles.rights import retention


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "retention", help="delete what has been kept long enough (the worker does it every day)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say how much that is")
    return parser


def run(options: argparse.Namespace) -> int:
    """Apply the rules of data/privacy/stores.yml and of the attributes."""
    counts = with_surroundings(lambda _, around: retention.run(around, dry_run=options.dry_run))
    for title, count in counts.items():
        print(f"{count:8}  {title}")
    print(f"{sum(counts.values()):8}  in all" + ("; nothing was changed" if options.dry_run else ""))
    return 0
