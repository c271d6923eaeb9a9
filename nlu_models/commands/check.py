"""`check`: is the training data usable? Trains nothing."""

import argparse
import json
import re
import sys
from collections import Counter
from typing import Any

from nlu_models.commands.domain import domain_file
from nlu_models.training.dataset import DataError, Dataset, Row, read_dataset

_PLACE = re.compile(r"(?P<file>.+?):(?:(?P<line>\d+):)? (?P<message>.*)", re.DOTALL)


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "check",
        help="check the training data: every fault by file and line, and how much there is of each label",
    )
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    return parser


def run(options: argparse.Namespace) -> int:
    """Report the faults, or the number of utterances; exit code 1 with faults."""
    try:
        data = read_dataset(options.nlu, options.sentiment, domain_file(options))
    except DataError as error:
        if not options.json:
            raise
        print(json.dumps({"faults": [_fault(problem) for problem in error.problems]}, ensure_ascii=False))
        return 1
    if options.json:
        print(json.dumps({"faults": [], **_counts(data)}, ensure_ascii=False))
    else:
        intents = len({row.label for row in data.intents})
        print(
            f"All well: {len(data.intents):,} utterances of {intents} intents,"
            f" {len(data.sentiments):,} messages by mood.",
            file=sys.stdout,
        )
    return 0


def _fault(problem: str) -> dict[str, object]:
    """A problem of the data, whose line begins with its place, in parts; line 1 where it names none."""
    match = _PLACE.fullmatch(problem)
    if match is None:
        return {"file": "", "line": 1, "message": problem}
    return {"file": match["file"], "line": int(match["line"] or 1), "message": match["message"]}


def _counts(data: Dataset) -> dict[str, dict[str, int]]:
    def count(rows: list[Row]) -> dict[str, int]:
        return dict(Counter(row.label for row in rows))

    return {"intents": count(data.intents), "sentiments": count(data.sentiments)}
