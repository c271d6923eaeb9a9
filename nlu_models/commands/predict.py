"""`predict`: what the model understands."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu_models import settings
from nlu_models.commands.present import Present
from nlu_models.runtime import Encoder, Entities


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "predict", help="intent, sentiment and entities of messages, as JSON"
    )
    parser.add_argument("text", nargs="?", help="one message")
    parser.add_argument("--input", type=Path, help="file with one message a line")
    parser.add_argument("--output", type=Path, help="JSON Lines file to write; standard output without it")
    return parser


def run(options: argparse.Namespace) -> int:
    """Understand one message or those of a file."""
    if (options.text is None) == (options.input is None):
        print("nlu_models predict: give either a text or --input FILE", file=sys.stderr)
        return 2
    present = Present.of(options)
    if not present.trained:
        print("nlu_models: not trained yet; run `python -m nlu_models train`", file=sys.stderr)
        return 1
    encoder = Encoder.load(present.folder)
    entities = Entities.load(settings.CATALOGUE)
    texts = (
        [options.text] if options.input is None else options.input.read_text(encoding="utf-8").splitlines()
    )
    output = options.output.open("w", encoding="utf-8") if options.output else sys.stdout
    try:
        for text in texts:
            print(json.dumps(_prediction(encoder, entities, text), ensure_ascii=False), file=output)
    finally:
        if options.output:
            output.close()
    return 0


def _prediction(encoder: Encoder, entities: Entities, text: str) -> dict[str, Any]:
    understood = encoder.understand(text)
    return {
        "text": text,
        "intent": understood.intent,
        "confidence": round(understood.confidence, 4),
        "in_scope": understood.in_scope,
        "alternatives": [[name, round(confidence, 4)] for name, confidence in understood.ranking[1:4]],
        "sentiment": understood.sentiment,
        "sentiment_scores": {name: round(score, 4) for name, score in understood.sentiment_scores.items()},
        "entities": [asdict(entity) for entity in entities.extract(text)],
        "milliseconds": round(understood.milliseconds, 2),
    }
