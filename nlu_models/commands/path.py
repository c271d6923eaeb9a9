"""`path`: where the model is."""

import argparse
import sys
from typing import Any

from nlu_models.commands.present import Present


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "path", help="print the folder of that model; exit code 1 if it is not trained"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the folder."""
    present = Present.of(options)
    if not present.trained:
        print("nlu_models: not trained yet; run `python -m nlu_models train`", file=sys.stderr)
        return 1
    print(present.folder)
    return 0
