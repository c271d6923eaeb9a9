"""Restaurant8k (Coope et al., 2020): spans of five slots in messages to a restaurant's booking service.

What the dialogue has asked for is an input, as in the published figures: "two" is people or an hour by it.
Settings were chosen on a validation part of the training file; the test file is read for the figures alone.
"""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nlu_models.training.ner import Marked, NerProgress, NerRecipe, Span, find_spans, fit_ner, span_scores

#: Slots may be asked for, the English model's encoder knows names; nobody's capitals are changed.
RECIPE = NerRecipe(hears_dialogue=True, lower_case=0.0, epochs=8)
_VALIDATION = 0.1
_SPLIT_SEED = 1


def run(
    data_folder: Path, report: Callable[[NerProgress], None] = lambda _: None, *, seed: int = 7
) -> dict[str, Any]:
    """Train on `train_0.json` of the folder and measure on `test.json`.

    Returns:
        Exact-span precision, recall and F1 on the test file (all slots together and each), the validation F1,
        seconds of training, and milliseconds of one message on one thread (50th and 95th percentile).

    Raises:
        FileNotFoundError: the folder lacks a file.
    """
    rows = read_rows(data_folder / "train_0.json")
    test = read_rows(data_folder / "test.json")
    # Equal messages stay on one side, or the validation part holds rows that were learnt.
    unique = list({(row.text, row.asked): row for row in rows}.values())
    random.Random(_SPLIT_SEED).shuffle(unique)
    held = round(len(unique) * _VALIDATION)
    fitted = fit_ner(unique[held:], unique[:held], RECIPE, seed=seed, report=report)
    found, milliseconds = [], []
    for row in test:
        started = time.perf_counter()
        found.append(find_spans(fitted.language, row))
        milliseconds.append((time.perf_counter() - started) * 1000)
    return {
        "rows": {"train": len(unique) - held, "validation": held, "test": len(test)},
        "validation_f1": round(fitted.f1, 4),
        "test": span_scores(test, found),
        "seconds": round(fitted.seconds, 1),
        "epochs": fitted.epochs,
        "seed": seed,
        "runs": 1,
        "milliseconds": {
            "p50": round(float(np.percentile(milliseconds, 50)), 2),
            "p95": round(float(np.percentile(milliseconds, 95)), 2),
        },
    }


def read_rows(file: Path) -> list[Marked]:
    """Messages with their slots; an absent start is 0."""
    rows = []
    for turn in json.loads(file.read_text(encoding="utf-8")):
        places = [(label["valueSpan"], label["slot"]) for label in turn.get("labels", [])]
        spans = tuple(Span(place.get("startIndex", 0), place["endIndex"], slot) for place, slot in places)
        asked = sorted(set((turn.get("context") or {}).get("requestedSlots", [])))
        rows.append(Marked(turn["userInput"]["text"], spans, "+".join(asked)))
    return rows
