"""`segments`: all customers' segments, brought up to date."""

import argparse
import asyncio
from typing import Any

from profiles.commands.stores import with_store


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "segments", help="bring all customers' segments up to date"
    )
    return parser


def run(_options: argparse.Namespace) -> int:
    """Recompute them."""
    changed = asyncio.run(with_store(lambda store: store.recompute_segments()))
    print(f"{changed} customers changed segment")
    return 0
