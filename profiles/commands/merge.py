"""`merge`: two customers are one."""

import argparse
import asyncio
from typing import Any

from profiles.audit.acting import act_as, acting
from profiles.commands.stores import with_store
from profiles.identity.merge import CannotMerge, Two, merge
from profiles.protocol import UnknownCustomer


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "merge", help="make one customer of two; `unmerge` takes it back"
    )
    parser.add_argument("kept", help="the customer that stays, with everything of both")
    parser.add_argument("merged", help="the customer whose id goes on as another name of it")
    parser.add_argument("--why", required=True, help="for the audit log")
    parser.add_argument("--dry-run", action="store_true", help="say what it would do, and do nothing")
    return parser


def run(options: argparse.Namespace) -> int:
    """Merge.

    Raises:
        SystemExit: they may not become one; says why.
    """
    act_as(acting().who, options.why)
    explanation = {"links": [f"an operator: {options.why}"]}
    two = Two(options.kept, options.merged)
    try:
        done = asyncio.run(with_store(lambda store: merge(store, two, explanation, dry_run=options.dry_run)))
    except CannotMerge as error:
        raise SystemExit(f"profiles: {error}") from None
    except UnknownCustomer as error:
        raise SystemExit(f"profiles: there is no customer {error}") from None
    for table, count in done.moved.items():
        print(f"{count:8} rows of {table}")
    if options.dry_run:
        print("nothing was changed")
    else:
        print(f"{done.merged_id} is part of {done.kept_id} now; `unmerge {done.merge_id}` takes it back")
    return 0
