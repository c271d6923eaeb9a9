"""`unmerge`: a merge is taken back."""

import argparse
import asyncio
from typing import Any

from profiles.audit.acting import act_as, acting
from profiles.commands.stores import with_store
from profiles.identity.merge import CannotMerge
from profiles.identity.unmerge import UnknownMerge, unmerge


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "unmerge", help="take a merge back: both customers are as if it had never been"
    )
    parser.add_argument("merge", type=int, help="its number, as `merge` printed it")
    parser.add_argument("--why", required=True, help="for the audit log")
    return parser


def run(options: argparse.Namespace) -> int:
    """Take it back.

    Raises:
        SystemExit: it can't be taken back; says why.
    """
    act_as(acting().who, options.why)
    try:
        done = asyncio.run(with_store(lambda store: unmerge(store, options.merge)))
    except UnknownMerge:
        raise SystemExit(f"profiles: there is no merge {options.merge} that could be taken back") from None
    except CannotMerge as error:
        raise SystemExit(f"profiles: a later merge could not be made again: {error}") from None
    print(f"{done.kept_id} and {done.merged_id} are two customers again")
    for before, now in done.again.items():
        print(f"the later merge {before} was made again as {now}")
    return 0
