"""`rollback`: back to the model that served before."""

import argparse
from typing import Any

from nlu_models.commands.domain import known_intents
from nlu_models.registry import Registry


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "rollback", help="promote the model that was promoted before this one"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Go one promotion back."""
    print(f"encoder: {Registry.of_environment().rollback(known_intents(options))} serves again")
    return 0
