"""`train`: the model of the present data."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from nlu_models.commands.present import Present
from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.training.store import cache_folder


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train", help="train, unless the model of this data, code and settings exists"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Train, unless that model exists."""
    present = Present.of(options)
    if present.trained:
        print(f"encoder: up to date, {present.folder}")
    else:
        _train(present)
    return 0


def _train(present: Present) -> Path:
    # On a busy machine threads that wait by spinning take the time of those that work (five times slower).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Training's libraries take seconds to import: only who trains waits for them.
    from nlu_models.progress import training_progress  # noqa: PLC0415
    from nlu_models.training.build import build  # noqa: PLC0415

    with training_progress() as report:
        folder = build(present.data, present.recipe, present.base, cache_folder(), report=report)
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    print(
        f"encoder: trained in {card['training_seconds']:.0f} s,"
        f" intent accuracy {card['metrics']['intents']['accuracy']:.1%},"
        f" sentiment macro F1 {card['metrics']['sentiments']['macro_f1']:.1%} on the held-out part, {folder}"
    )
    return folder
