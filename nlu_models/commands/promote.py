"""`promote`: let a trained model serve."""

import argparse
from typing import Any

from rich.console import Console
from rich.table import Table

from nlu_models.card import FIGURES, figures
from nlu_models.commands.domain import known_intents
from nlu_models.registry import Registry


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "promote", help="let a trained model serve; a running bot takes it without a restart"
    )
    parser.add_argument("model", help="its id, the beginning of its id, or `latest`")
    parser.add_argument(
        "--dry-run", action="store_true", help="only check it, and compare it with the serving one"
    )
    return parser


def run(options: argparse.Namespace) -> int:
    """Promote, or compare."""
    registry = Registry.of_environment()
    model_id = registry.find(options.model)
    if options.dry_run:
        registry.load(model_id, known_intents(options))
        _compare(registry, model_id)
        return 0
    changed = registry.promote(model_id, known_intents(options))
    print(f"encoder: {model_id} {'is promoted' if changed else 'was promoted already'}")
    return 0


def _compare(registry: Registry, candidate: str) -> None:
    cards, promoted = registry.cards(), registry.read().promoted
    of_live = (
        figures(registry.models / promoted, cards[promoted])
        if promoted in cards and promoted is not None
        else {}
    )
    of_candidate = figures(registry.models / candidate, cards[candidate])
    print(f"{candidate} is usable. Each on the held-out part of its own data:")
    table = Table("", f"live {promoted or '(none)'}", f"candidate {candidate}", box=None)
    for figure in FIGURES:
        live, new = of_live.get(figure.name), of_candidate.get(figure.name)
        table.add_row(figure.title, figure.shown(live), figure.shown(new))
    table.add_row("data hash", _data(cards.get(promoted or "")), _data(cards[candidate]))
    Console(highlight=False).print(table)


def _data(card: dict[str, Any] | None) -> str:
    return str((card or {}).get("data_hash", "-"))[:12]
