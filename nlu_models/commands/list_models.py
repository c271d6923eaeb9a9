"""`list`: the trained models and how good each is."""

import argparse
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from nlu_models.card import FIGURES, figures
from nlu_models.registry import Registry

_SHOWN_OF_ID = 9


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "list", help="the trained models, the newest first, and which of them serves"
    )
    parser.add_argument("--json", action="store_true", help="as JSON, with all promotions")
    return parser


def run(options: argparse.Namespace) -> int:
    """Print the table, or the JSON object."""
    registry = Registry.of_environment()
    content, cards = registry.read(), registry.cards()
    if options.json:
        models = [
            {
                "model_id": model_id,
                "made_at": card.get("made_at"),
                "promoted": model_id == content.promoted,
                **figures(registry.models / model_id, card),
            }
            for model_id, card in cards.items()
        ]
        history = [vars(change) for change in content.history]
        print(json.dumps({"promoted": content.promoted, "models": models, "history": history}, indent=2))
        return 0
    # Fits 80 columns: ids are cut (a beginning is enough for every command), titles broken.
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, highlight=False)
    for title in ("  model", "made at"):
        table.add_column(title, no_wrap=True)
    for figure in FIGURES:
        table.add_column(figure.title.replace(" ", "\n"), justify="right", no_wrap=True)
    for model_id, card in cards.items():
        of_model = figures(registry.models / model_id, card)
        table.add_row(
            f"{'*' if model_id == content.promoted else ' '} {model_id[:_SHOWN_OF_ID]}",
            str(card.get("made_at", "-"))[:16].replace("T", " "),
            *(figure.shown(of_model[figure.name]) for figure in FIGURES),
        )
    Console(highlight=False).print(table)
    print(
        f"* serves: {content.promoted or 'none'}"
        + ("" if content.promoted in (None, *cards) else ", which is not there")
    )
    return 0
