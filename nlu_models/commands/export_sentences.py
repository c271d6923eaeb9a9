"""`export-sentences`: the base model as a model of sentence vectors, for answers from help pages."""

import argparse
from typing import Any

from nlu_models.sentence_model import ensure_sentence_model


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "export-sentences", help="export the base model for sentence vectors, unless it is; print its folder"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Export if need be."""
    print(ensure_sentence_model())
    return 0
