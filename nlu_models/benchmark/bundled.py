"""The model of the bundled data on the project's held-out messages, and its speed."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.metrics import f1_score

from nlu_models.report.held_out import HeldOut, HeldOutRow
from nlu_models.runtime import Models
from nlu_models.runtime.encoder import Understanding
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.training.split import Parts

T = TypeVar("T")


@dataclass(frozen=True)
class Bundled:
    """The promoted model with the data around it."""

    models: Models
    held_out: HeldOut
    fresh: HeldOut
    parts: Parts


def measure_bundled(bundled: Bundled) -> dict[str, Any]:
    """Accuracy on the held-out messages (all, and those whose text training does not hold), scope, speed."""
    rows, moods = bundled.held_out.intents, bundled.held_out.sentiments
    bundled.models.encoder.understand("warm up")
    understood, milliseconds = timed(bundled.models.encoder.understand, [row.text for row in rows])
    _, of_entities = timed(bundled.models.entities.extract, [row.text for row in rows])
    right = np.array([found.intent == row.label for found, row in zip(understood, rows, strict=True)])
    learnt = {row.text.casefold() for row in bundled.parts.intents.train}
    unseen = np.array([row.text.casefold() not in learnt for row in rows])
    found_moods = [bundled.models.encoder.understand(row.text).sentiment for row in moods]
    macro_f1 = f1_score([row.label for row in moods], found_moods, average="macro")
    card = bundled.models.encoder.folder.card
    return {
        "intent_accuracy": round(100 * float(right.mean()), 2),
        "intent_accuracy_unseen": round(100 * float(right[unseen].mean()), 2),
        "fresh": _accuracy(bundled, bundled.fresh),
        "rows": {"intents": len(rows), "unseen": int(unseen.sum()), "sentiments": len(moods)},
        "sentiment_macro_f1": round(100 * float(macro_f1), 2),
        "scope": _scope(rows, understood),
        "calibration_error_before": card["metrics"]["intents"]["calibration_error_before"],
        "calibration_error": card["metrics"]["intents"]["calibration_error"],
        "int8_points_lost": card["metrics"]["int8"]["points_lost"],
        "milliseconds": percentiles(milliseconds),
        "entities_milliseconds": percentiles(of_entities),
        "training_seconds": card["training_seconds"],
        "runs": 1,
    }


def _accuracy(bundled: Bundled, messages: HeldOut) -> dict[str, Any]:
    """Accuracy of intents, macro F1 of sentiments, and scope, in per cent."""
    understand = bundled.models.encoder.understand
    understood = [understand(row.text) for row in messages.intents]
    right = [found.intent == row.label for found, row in zip(understood, messages.intents, strict=True)]
    moods = [understand(row.text).sentiment for row in messages.sentiments]
    macro_f1 = f1_score([row.label for row in messages.sentiments], moods, average="macro")
    return {
        "intent_accuracy": round(100 * float(np.mean(right)), 2),
        "sentiment_macro_f1": round(100 * float(macro_f1), 2),
        "scope": _scope(messages.intents, understood),
        "intent_rows": len(right),
        "sentiment_rows": len(moods),
    }


def _scope(rows: Sequence[HeldOutRow], understood: Sequence[Understanding]) -> dict[str, float]:
    """Of the messages in scope those that are served by their intent, of the others those refused, in per cent."""
    right = np.array([found.intent == row.label for found, row in zip(understood, rows, strict=True)])
    served = np.array([found.in_scope for found in understood])
    strange = np.array([row.label == OUT_OF_SCOPE for row in rows])
    return {
        "in_scope_served_rightly": round(100 * float((right & served)[~strange].mean()), 2),
        "out_of_scope_refused": round(100 * float((~served)[strange].mean()), 2),
    }


def timed(work: Callable[[str], T], texts: Sequence[str]) -> tuple[list[T], list[float]]:
    """What `work` makes of each text, and the milliseconds of each."""
    results, times = [], []
    for text in texts:
        started = time.perf_counter()
        results.append(work(text))
        times.append((time.perf_counter() - started) * 1000)
    return results, times


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    """The 50th and the 95th percentile."""
    return {name: round(float(np.percentile(milliseconds, q)), 2) for name, q in (("p50", 50), ("p95", 95))}


def machine() -> str:
    """What the figures were measured on."""
    import platform  # noqa: PLC0415

    import psutil  # noqa: PLC0415

    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = psutil.virtual_memory().total / 2**30
    return f"{psutil.cpu_count()} cores ({model}), {memory:.0f} GiB, Python {platform.python_version()}"
