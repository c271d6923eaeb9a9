"""What a person, or a program, sees of training and evaluation."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from nlu_models.training.fit import Progress as Step

if TYPE_CHECKING:
    from nlu_models.training.ner import (
        NerProgress,
    )  # spaCy is slow to import, and not every training needs it


@contextmanager
def training_progress() -> Iterator[Callable[["Step | NerProgress"], None]]:
    """A bar with an estimate on a terminal, one line an epoch elsewhere; the estimate is the longest case,
    since a training stops early when the validation part gets no better."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        of_encoder = bar.add_task("encoder: loading")
        of_recogniser = bar.add_task("entities", visible=False)

        def say(line: str) -> None:
            if console.is_terminal:
                console.print(line)
            else:
                print(line, file=sys.stderr, flush=True)

        def report(step: "Step | NerProgress") -> None:
            if not isinstance(step, Step):
                bar.update(
                    of_recogniser,
                    completed=step.epoch,
                    total=step.epochs,
                    description=f"entities: epoch {step.epoch}",
                    visible=True,
                )
                say(f"entities: epoch {step.epoch} of {step.epochs}, validation: F1 {step.f1:.1%}")
                return
            bar.update(
                of_encoder, completed=step.step, total=step.steps, description=f"encoder: epoch {step.epoch}"
            )
            measured = [
                f"{head} {accuracy:.1%}"
                for head, accuracy in (
                    ("intents", step.intent_accuracy),
                    ("sentiment", step.sentiment_accuracy),
                )
                if accuracy is not None
            ]
            if measured:
                say(
                    f"encoder: epoch {step.epoch}, {step.step}/{step.steps} steps, validation:"
                    f" {', '.join(measured)}"
                )

        yield report


#: Where in a training, in percent, the encoder's part begins and ends, and that of the recogniser if it is not done by
#: then; measuring is the rest.
_ENCODER, _RECOGNISER = (2.0, 90.0), (90.0, 96.0)


@contextmanager
def progress_lines() -> Iterator[Callable[["Step | NerProgress"], None]]:
    """A JSON object on a line of standard output, `{"percent", "words"}`, for each percent; the percentage is the
    longest case, since a training stops early when the validation part gets no better."""
    said = -1
    encoder_done = False

    def say(percent: float, words: str) -> None:
        nonlocal said
        if int(percent) > said:
            said = int(percent)
            print(json.dumps({"percent": round(percent, 1), "words": words}), flush=True)

    def report(step: "Step | NerProgress") -> None:
        nonlocal encoder_done
        if isinstance(step, Step):
            begin, end = _ENCODER
            encoder_done = step.step == step.steps
            say(
                begin + (end - begin) * step.step / step.steps,
                f"Learning intents and moods, round {step.epoch}",
            )
        elif encoder_done:
            begin, end = _RECOGNISER
            say(
                begin + (end - begin) * step.epoch / step.epochs,
                f"Learning to find names, places and products, round {step.epoch} of {step.epochs} at most",
            )

    say(0.0, "Reading the data")
    yield report


def metrics_table(metrics: dict[str, Any]) -> None:
    """Print the metrics of a card, one group after the other."""
    table = Table(title="Held-out part")
    table.add_column("what")
    table.add_column("value", justify="right")
    for group, values in metrics.items():
        pairs = values.items() if isinstance(values, dict) else (("", values),)
        for name, value in pairs:
            table.add_row(f"{group} {name}".replace("_", " ").strip(), f"{value:g}")
    Console().print(table)
