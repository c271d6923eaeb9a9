"""`check`: the segments in plain words."""

import argparse
from typing import Any

from profiles.conditions import describe
from profiles.segments import load
from profiles.settings import SEGMENTS_FILE


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "check", help="check data/decisions/segments.yml and say it in plain words"
    )
    return parser


def run(_options: argparse.Namespace) -> int:
    """Print the segments.

    Raises:
        ConditionError: names every mistake in the file.
    """
    segments = load(SEGMENTS_FILE)
    for segment in segments.segments:
        print(f"{segment.name}: {describe(segment.when)}")
    print(f"{segments.otherwise}: otherwise")
    return 0
