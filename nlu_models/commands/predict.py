"""`predict`: what a model understands."""

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import track

from nlu_models import settings
from nlu_models.registry import Registry
from nlu_models.runtime import Models

# Starting the processes takes as long as some hundred messages.
_WORTH_PROCESSES = 500


class InputError(Exception):
    """The file of messages can't be read; the message says which line and why."""


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "predict", help="intent, sentiment and entities of messages, as JSON, by the promoted model"
    )
    parser.add_argument("--model", help="another model: its id, the beginning of its id, or `latest`")
    texts = parser.add_mutually_exclusive_group(required=True)
    texts.add_argument("text", nargs="?", help="one message")
    texts.add_argument("--input", type=Path, help="file with one message a line; - for standard input")
    parser.add_argument("--output", type=Path, help="JSON Lines file to write; standard output without it")
    return parser


def run(options: argparse.Namespace) -> int:
    """Understand one message, or each line of a file."""
    registry = Registry.of_environment()
    folder = registry.models / registry.find(options.model) if options.model else registry.promoted_folder()
    if options.input is None:
        models = Models.load(folder, settings.CATALOGUE)
        with _writing(options.output) as output:
            print(predict(models, options.text), file=output)
        return 0
    messages = read_messages(options.input)
    with _writing(options.output) as output:
        for line in _shown(_predictions(folder, messages), len(messages)):
            print(line, file=output)
    return 0


def predict(models: Models, text: str) -> str:
    """What is written of one message: a JSON object on one line."""
    understood = models.encoder.understand(text.strip())
    found = {
        "text": text,
        "intent": understood.intent,
        "confidence": round(understood.confidence, 4),
        "in_scope": understood.in_scope,
        "alternatives": [[intent, round(share, 4)] for intent, share in understood.alternatives],
        "wishes": list(understood.wishes),
        "sentiment": understood.sentiment,
        "sentiment_scores": {mood: round(score, 4) for mood, score in understood.sentiment_scores.items()},
        "entities": [asdict(entity) for entity in models.entities.extract(text)],
    }
    return json.dumps(found, ensure_ascii=False)


def _predictions(folder: Path, messages: list[str]) -> Iterator[str]:
    """The predictions of many messages in their order, by a process for each core when that pays."""
    workers = os.cpu_count() or 1
    models = Models.load(folder, settings.CATALOGUE)  # an unusable one stops here
    if workers == 1 or len(messages) < _WORTH_PROCESSES:
        yield from (predict(models, text) for text in messages)
        return
    # Threads would wait for each other: the extraction of entities is Python.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, context, _take, (models,)) as pool:
        yield from pool.map(_predict, messages, chunksize=64)


_of_this_process: list[Models] = []


def _take(models: Models) -> None:
    _of_this_process.append(models)


def _predict(text: str) -> str:
    return predict(_of_this_process[0], text)


def read_messages(file: Path) -> list[str]:
    """The lines of a file, empty ones included, so that the n-th message is the n-th line.

    Raises:
        InputError: a line is not UTF-8.
        OSError: the file can't be read.
    """
    written = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    # Not `splitlines`, which also parts at form feeds and the like.
    lines = written.removeprefix(b"\xef\xbb\xbf").split(b"\n")
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
    """Standard output, or a file that appears only when it is whole; a device or a pipe is written to as it is."""
    if file is None:
        yield sys.stdout
        return
    if file.exists() and not file.is_file():
        with file.open("w", encoding="utf-8") as output:
            yield output
        return
    file = file.resolve()  # a link stays one
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8") as output:
            yield output
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def _shown(lines: Iterable[str], total: int) -> Iterator[str]:
    """The lines, with a progress bar on a terminal."""
    console = Console(stderr=True)
    yield from track(lines, "understanding", total, console=console, disable=not console.is_terminal)
