"""`load`: customers from a file of the service's own form."""

import argparse
import asyncio
from pathlib import Path
from typing import Any

from profiles import bulk
from profiles.commands.stores import with_store


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "load", help="add or replace customers from a JSONL file"
    )
    parser.add_argument("--input", type=Path, required=True, help="one customer a line")
    parser.add_argument(
        "--bring-back", action="store_true", help="add those too who were erased at their wish"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Load the file.

    Raises:
        BadRecord, InteractionTaken
    """
    loaded = asyncio.run(
        with_store(lambda store: bulk.load(store, options.input, bring_back=options.bring_back))
    )
    print(f"{loaded.written} customers loaded")
    if loaded.left_out:
        print(
            f"{loaded.left_out} left out: erased at their wish. Do they want to come back? Then --bring-back"
        )
    return 0
