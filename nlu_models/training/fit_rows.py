"""The recipe on anybody's labelled messages."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from nlu_models.runtime import Encoder
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Row
from nlu_models.training.fit import Progress, fit
from nlu_models.training.package import FLOAT_FILE, package
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Parts, Split, hold_out, label_names

#: The share of the training rows by which the temperature is fitted when no validation rows are given.
HELD_OUT = 0.03


@dataclass(frozen=True)
class FittedModel:
    """A model that was trained on labelled messages; `float_file` holds it in 32 bits."""

    encoder: Encoder
    float_file: Path
    seconds: float
    epochs: int


def recipe_for(rows: int) -> Recipe:
    """The recipe with as many epochs as `rows` training rows want: many rows need few.

    Which intents are wishes is not known here; so no utterances are joined, and none
    gets courtesies. What was tried for rate, changes and epochs on
    held-out training rows is in docs/understanding.md.
    """
    return replace(
        Recipe(),
        epochs=min(15, max(5, round(80_000 / max(1, rows)))),
        learning_rate=1e-4,
        augmented=0.2,
        frozen_layers=0,
        joined=0.0,
        decorated=0.0,
    )


def fit_rows(
    train: list[Row],
    validation: list[Row],
    base: BaseModel,
    folder: Path,
    *,
    recipe: Recipe | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> FittedModel:
    """Train on `train` and fill `folder`, which must exist, with the model.

    Without validation rows a few of the training rows are held out for the temperature, and the last epoch is kept.
    """
    started = time.monotonic()
    chosen = recipe or recipe_for(len(train))
    learnt, held = (train, validation) if validation else hold_out(train, HELD_OUT)
    parts = Parts(Split(learnt, held, []), Split([], [], []), label_names(train), ())
    to_fit = parts if validation else replace(parts, intents=Split(learnt, [], []))
    fitted = fit(to_fit, base, chosen, report=report)
    package(fitted, parts, base, chosen, folder)
    return FittedModel(Encoder.load(folder), folder / FLOAT_FILE, time.monotonic() - started, fitted.epochs)
