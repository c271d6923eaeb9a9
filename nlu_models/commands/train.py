"""`train`: make the model of the present data, and let it serve when it is new."""

import argparse
import json
import os
import sys
from typing import Any

from nlu_models.commands.domain import known_intents
from nlu_models.commands.present import Present
from nlu_models.registry import Registry
from nlu_models.runtime import ModelFolderError
from nlu_models.runtime.model_folder import CARD_FILE


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "train",
        help="train, unless the model of this data, code and settings exists;"
        " promote it, unless it was promoted before",
    )
    parser.add_argument("--candidate", action="store_true", help="do not promote it")
    parser.add_argument(
        "--progress-json",
        action="store_true",
        help="for programs: a line of JSON on standard output for each step forward, and one with the model's id",
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Train if need be, and promote."""
    present = Present.of(options)
    registry = Registry.of_environment()
    lacks = present.lacks()
    if lacks is None:
        words = "Nothing new to learn: this data has a model"
        print(f"encoder: up to date, {present.folder}")
    else:
        words = "Trained"
        if present.folder.exists():
            print(f"encoder: {lacks}; training it again", file=sys.stderr)
        _train(present, as_json=options.progress_json)
    if options.progress_json:
        print(json.dumps({"percent": 100.0, "words": words, "model_id": present.folder.name}), flush=True)
    if options.candidate:
        print(f"encoder: {present.folder.name} is a candidate; `promote {present.folder.name}` lets it serve")
    else:
        _promote_new(registry, present.folder.name, known_intents(options), trained=lacks is not None)
    return 0


def _train(present: Present, *, as_json: bool) -> None:
    # On a busy machine threads that wait by spinning take the time of those that work (five times slower).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Training's libraries take seconds to import: only who trains waits for them.
    from nlu_models.progress import progress_lines, training_progress  # noqa: PLC0415
    from nlu_models.training.build import build  # noqa: PLC0415

    with progress_lines() if as_json else training_progress() as report:
        folder = build(present.data, present.recipe, present.base, present.folder.parent, report=report)
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    print(
        f"encoder: trained in {card['training_seconds']:.0f} s,"
        f" intent accuracy {card['metrics']['intents']['accuracy']:.1%},"
        f" sentiment macro F1 {card['metrics']['sentiments']['macro_f1']:.1%} on the held-out part, {folder}"
    )


def _promote_new(registry: Registry, model_id: str, known: frozenset[str] | None, *, trained: bool) -> None:
    """Promote a model that never was; one that was rolled back stays so, unless the serving one is unusable."""
    content = registry.read()
    if content.promoted == model_id:
        if trained:
            # For a bot that refused the damaged one, to look again.
            registry.promote(model_id, known, by="train")
        print(f"encoder: {model_id} serves")
        return
    if content.promoted is not None and content.ever_promoted(model_id):
        try:
            registry.load(content.promoted, known)
        except ModelFolderError as error:
            print(f"encoder: {content.promoted} can't serve any more: {error}", file=sys.stderr)
        else:
            print(
                f"encoder: {content.promoted} serves still: this one was promoted before and then replaced"
                f" (`promote {model_id}` lets it serve again)"
            )
            return
    registry.promote(model_id, known, by="train")
    print(f"encoder: {model_id} is promoted")
