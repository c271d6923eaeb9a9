"""`path`: where the promoted model is."""

import argparse
from typing import Any

from nlu_models.registry import Registry


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "path", help="print the folder of the promoted model; exit code 1 if there is none"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the folder."""
    print(Registry.of_environment().promoted_folder())
    return 0
