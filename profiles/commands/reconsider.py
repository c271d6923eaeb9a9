"""`reconsider`: two customers are no longer kept apart."""

import argparse
import asyncio
from typing import Any

from profiles.audit.acting import act_as, acting
from profiles.commands.stores import with_store
from profiles.identity.review import NotKeptApart, reconsider


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "reconsider",
        help="take back that two customers are two: they may be proposed and merged again",
    )
    parser.add_argument("one", metavar="CUSTOMER")
    parser.add_argument("other", metavar="CUSTOMER")
    parser.add_argument("--why", required=True, help="for the audit log")
    return parser


def run(options: argparse.Namespace) -> int:
    """Take it back.

    Raises:
        SystemExit: nobody has said so.
    """
    act_as(acting().who, options.why)
    try:
        asyncio.run(with_store(lambda store: reconsider(store, options.one, options.other)))
    except NotKeptApart:
        raise SystemExit(
            f"profiles: nobody has said that {options.one} and {options.other} are two"
        ) from None
    print(f"{options.one} and {options.other} may be one again: nothing is merged by this")
    return 0
