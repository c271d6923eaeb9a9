"""What a person sees of training and evaluation on the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from nlu_models.training.fit import Progress as Step


@contextmanager
def training_progress() -> Iterator[Callable[[Step], None]]:
    """A bar with an estimate on a terminal, one line an epoch elsewhere; the estimate is the longest case,
    since a training stops early when the validation part gets no better."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("encoder: loading")

        def report(step: Step) -> None:
            bar.update(
                task, completed=step.step, total=step.steps, description=f"encoder: epoch {step.epoch}"
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
                line = (
                    f"encoder: epoch {step.epoch}, {step.step}/{step.steps} steps, validation:"
                    f" {', '.join(measured)}"
                )
                if console.is_terminal:
                    console.print(line)
                else:
                    print(line, file=sys.stderr, flush=True)

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
