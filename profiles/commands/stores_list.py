"""`stores`: where personal data rests."""

import argparse
from typing import Any

from profiles.rights.register import register
from profiles.rights.stores import UnusableStores, declared


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "stores", help="where personal data rests, how long, and what erasure does (data/privacy/stores.yml)"
    )
    return parser


def run(_options: argparse.Namespace) -> int:
    """Print the record of processing, as Markdown."""
    try:
        print(register(declared()))
    except UnusableStores as error:
        raise SystemExit(f"profiles: {error}") from None
    return 0
