"""`analytics-copy`: customers who allow analytics, under pseudonyms."""

import argparse
import json
from pathlib import Path
from typing import Any

from profiles.commands.rights import with_surroundings
from profiles.rights import analytics


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "analytics-copy", help="Parquet files for analytics, pseudonymised and checked for k-anonymity"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder, made if it is missing"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Write the copy and print its report.

    Raises:
        OSError
    """
    plan = analytics.load()
    try:
        report = with_surroundings(lambda store, around: analytics.copy(store, around, options.out, plan))
    except analytics.TooFew as error:
        raise SystemExit(f"profiles: the copy was not kept: {error}") from None
    print(json.dumps(report, indent=1))
    return 0
