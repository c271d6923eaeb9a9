"""`predict`: what the promoted model understands."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import track

from nlu_models import settings
from nlu_models.registry import Registry
from nlu_models.runtime import Encoder, Entities

_MESSAGES_AT_ONCE = 256


class InputError(Exception):
    """The file of messages can't be read; the message says which line and why."""


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "predict", help="intent, sentiment and entities of messages, as JSON, by the promoted model"
    )
    texts = parser.add_mutually_exclusive_group(required=True)
    texts.add_argument("text", nargs="?", help="one message")
    texts.add_argument("--input", type=Path, help="file with one message a line")
    parser.add_argument("--output", type=Path, help="JSON Lines file to write; standard output without it")
    return parser


def run(options: argparse.Namespace) -> int:
    """Understand one message, or each line of a file."""
    texts = [options.text] if options.input is None else read_messages(options.input)
    encoder = Encoder.load(Registry.of_environment().promoted_folder())
    entities = Entities.load(settings.CATALOGUE)
    with _writing(options.output) as output, ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in _shown(range(0, len(texts), _MESSAGES_AT_ONCE)):
            some = texts[start : start + _MESSAGES_AT_ONCE]
            for prediction in pool.map(lambda text: predict(encoder, entities, text), some):
                print(json.dumps(prediction, ensure_ascii=False), file=output)
    return 0


def predict(encoder: Encoder, entities: Entities, text: str) -> dict[str, Any]:
    """What is written of one message."""
    understood = encoder.understand(text.strip())
    return {
        "text": text,
        "intent": understood.intent,
        "confidence": round(understood.confidence, 4),
        "in_scope": understood.in_scope,
        "alternatives": [[name, round(confidence, 4)] for name, confidence in understood.ranking[1:4]],
        "sentiment": understood.sentiment,
        "sentiment_scores": {name: round(score, 4) for name, score in understood.sentiment_scores.items()},
        "entities": [asdict(entity) for entity in entities.extract(text)],
    }


def read_messages(file: Path) -> list[str]:
    """The lines of a file, empty ones included, so that the n-th message is the n-th line.

    Raises:
        InputError: a line is not UTF-8.
        OSError: the file can't be read.
    """
    # Not `splitlines`, which also parts at form feeds and the like.
    lines = file.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if lines[-1] == b"":
        del lines[-1]
    messages = []
    for number, line in enumerate(lines, 1):
        try:
            messages.append(line.removesuffix(b"\r").decode("utf-8"))
        except UnicodeDecodeError as error:
            raise InputError(f"{file}:{number}: not UTF-8 (byte {error.start + 1} of the line)") from None
    return messages


@contextmanager
def _writing(file: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears only when it is whole."""
    if file is None:
        yield sys.stdout
        return
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as output:
            yield output
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _shown(steps: range) -> Iterator[int]:
    """The steps, with a progress bar on a terminal."""
    console = Console(stderr=True)
    hidden = not console.is_terminal or len(steps) < 2
    yield from track(steps, "understanding", console=console, disable=hidden, transient=True)
