"""`evaluate`: how good a model is on messages that it has not seen, as a page for trainers."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu_models.commands.predict import InputError
from nlu_models.commands.present import Present
from nlu_models.registry import Registry
from nlu_models.runtime import Encoder
from nlu_models.training.store import write_card

if TYPE_CHECKING:
    from nlu_models.evaluation import Labelled

TEST_PART = "test"
PROMOTED = "promoted"


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "evaluate", help="judge a model on messages that it has not seen, and write a report (HTML and JSON)"
    )
    parser.add_argument(
        "--model",
        default=PROMOTED,
        help="its id, the beginning of its id, `latest` or `promoted` (%(default)s)",
    )
    parser.add_argument(
        "--out", type=Path, help="folder of the report (`reports/MODEL_ID` in the folder of local state)"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Judge the model, note the figures of the test part on its card, print them, and write the report."""
    # scikit-learn takes a second.
    from nlu_models.evaluation import card_figures, judge_intents, judge_sentiments  # noqa: PLC0415
    from nlu_models.progress import metrics_table  # noqa: PLC0415
    from nlu_models.report.page import write_report  # noqa: PLC0415
    from nlu_models.report.part import part_of  # noqa: PLC0415
    from nlu_models.report.report import make_report  # noqa: PLC0415

    registry = Registry.of_environment()
    folder = (
        registry.promoted_folder()
        if options.model == PROMOTED
        else registry.models / registry.find(options.model)
    )
    present = Present.of(options)
    encoder = Encoder.load(folder)
    parts = []
    for messages in _kept_out(present):
        rows, moods = judge_intents(encoder, messages.intents), judge_sentiments(encoder, messages.sentiments)
        if messages.key == TEST_PART:
            metrics = card_figures(rows, moods, encoder.folder.thresholds.scope)
            _note(encoder, metrics, present)
            metrics_table(metrics)
        parts.append(
            part_of(encoder, rows, moods, key=messages.key, title=messages.title, about=messages.about)
        )
    report = make_report(
        encoder.folder,
        parts,
        present.data.intents,
        promoted=registry.read().promoted == encoder.model_id,
        data_hash=present.data.content_hash(),
    )
    page, data = write_report(report, options.out or registry.file.parent / "reports" / encoder.model_id)
    print(f"report: {page}\nas JSON: {data}")
    return 0


@dataclass(frozen=True)
class _Messages:
    """Messages that no training has seen, and what the report calls them."""

    key: str
    title: str
    about: str
    intents: "Sequence[Labelled]"
    sentiments: "Sequence[Labelled]"


def _kept_out(present: Present) -> list[_Messages]:
    """The test part of the data and, when they are there, the messages written for judging alone.

    Raises:
        InputError: a file of the latter is unreadable.
    """
    from nlu_models.report.held_out import HELD_OUT, HeldOutError, read_held_out  # noqa: PLC0415
    from nlu_models.training.split import split  # noqa: PLC0415

    recipe = present.recipe
    found = [
        _Messages(
            TEST_PART,
            "Test part",
            f"{recipe.test:.0%} of the utterances of each label in the training data, kept out of training and of every choice.",
            split(present.data.intents, recipe.validation, recipe.test).test,
            split(present.data.sentiments, recipe.validation, recipe.test).test,
        )
    ]
    try:
        held_out = read_held_out(HELD_OUT)
    except HeldOutError as error:
        raise InputError(str(error)) from None
    if held_out is not None:
        found.append(
            _Messages(
                "held-out",
                "Held-out messages",
                "Written for judging alone, by people who had not seen the training data: nearer to what customers"
                " will write than the test part.",
                held_out.intents,
                held_out.sentiments,
            )
        )
    return found


def _note(encoder: Encoder, metrics: dict[str, Any], present: Present) -> None:
    """Write the figures on the card, if the model was trained on the data as they are."""
    card = encoder.folder.card
    if present.made(card):
        write_card(encoder.folder.path, {**card, "metrics": {**card.get("metrics", {}), **metrics}})
        return
    print(
        f"nlu_models: {encoder.model_id} was trained on other data than these:"
        " it may have seen some of what is held out now; the figures go on no card",
        file=sys.stderr,
    )
