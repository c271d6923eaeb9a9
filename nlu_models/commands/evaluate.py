"""`evaluate`: how good the model is on rows that it has not seen."""

import argparse
import sys
from typing import Any

from nlu_models.commands.present import Present
from nlu_models.runtime import Encoder
from nlu_models.training.store import write_card


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate", help="measure the model on the held-out part and note it on its card"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Measure, note and print."""
    from nlu_models.evaluation import measure  # noqa: PLC0415 - scikit-learn takes a second
    from nlu_models.progress import metrics_table  # noqa: PLC0415
    from nlu_models.training.split import split  # noqa: PLC0415

    present = Present.of(options)
    if not present.trained:
        print("nlu_models: not trained yet; run `python -m nlu_models train`", file=sys.stderr)
        return 1
    encoder = Encoder.load(present.folder)
    recipe = present.recipe
    intents = split(present.data.intents, recipe.validation, recipe.test).test
    sentiments = split(present.data.sentiments, recipe.validation, recipe.test).test
    card = dict(encoder.folder.card)
    card["metrics"] = {**card.get("metrics", {}), **measure(encoder, intents, sentiments)}
    write_card(present.folder, card)
    metrics_table(card["metrics"])
    return 0
