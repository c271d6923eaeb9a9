"""`evaluate`: how good the promoted model is on rows that it has not seen."""

import argparse
import sys
from typing import Any

from nlu_models.commands.present import Present
from nlu_models.registry import Registry
from nlu_models.runtime import Encoder
from nlu_models.training.store import write_card


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate", help="measure the promoted model on the held-out part and note it on its card"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Measure, note and print."""
    from nlu_models.evaluation import measure  # noqa: PLC0415 - scikit-learn takes a second
    from nlu_models.progress import metrics_table  # noqa: PLC0415
    from nlu_models.training.split import split  # noqa: PLC0415

    folder = Registry.of_environment().promoted_folder()
    present = Present.of(options)
    encoder = Encoder.load(folder)
    card = dict(encoder.folder.card)
    if card.get("data_hash") != present.data.content_hash():
        print(
            f"nlu_models: {encoder.model_id} was trained on other data than these:"
            " it may have seen some of what is held out now; the figures go on no card",
            file=sys.stderr,
        )
    recipe = present.recipe
    intents = split(present.data.intents, recipe.validation, recipe.test).test
    sentiments = split(present.data.sentiments, recipe.validation, recipe.test).test
    metrics = {**card.get("metrics", {}), **measure(encoder, intents, sentiments)}
    if card.get("data_hash") == present.data.content_hash():
        write_card(folder, {**card, "metrics": metrics})
    metrics_table(metrics)
    return 0
