"""The recipe on anybody's labelled messages."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nlu_models.runtime import Encoder
from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Row
from nlu_models.training.fit import Progress, fit
from nlu_models.training.package import FLOAT_FILE, package
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Parts, Split, hold_out, label_names
from nlu_models.training.store import write_card

#: The share of many training rows by which the temperature is fitted when no validation rows are given.
HELD_OUT = 0.03

#: With fewer rows each is too precious to be held out: a first training without `HELD_OUT_OF_FEW` of them finds
#: the temperature, a second one learns from all.
FEW = 3_000
HELD_OUT_OF_FEW = 0.1

#: A label with fewer utterances than this learns from its own name, too.
FEW_OF_A_LABEL = 20

_WORD_BORDER = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class FittedModel:
    """A model that was trained on labelled messages; `float_file` holds it in 32 bits."""

    encoder: Encoder
    float_file: Path
    seconds: float
    epochs: int


def recipe_for(rows: int) -> Recipe:
    """The recipe with as many epochs as `rows` training rows want: many rows need few, each with an adversary.

    Which intents are wishes is not known here; so no utterances are joined, and none
    gets courtesies. What was tried for rate, changes and epochs on
    held-out training rows is in docs/understanding.md.
    """
    return replace(
        Recipe(),
        epochs=min(15, max(5, round(80_000 / max(1, rows)))),
        patience=3,
        batch_size=32,
        learning_rate=1e-4,
        head_learning_rate=2e-3,
        augmented=0.2,
        frozen_layers=0,
        adversary=0.0 if rows < FEW else 1.0,
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

    Without validation rows some of the training rows are held out for the temperature (of few rows only in a
    training before the one that counts, which then refuses nothing), and the last epoch is kept.
    """
    started = time.monotonic()
    chosen = recipe or recipe_for(len(train))
    if not validation and len(train) < FEW:
        with TemporaryDirectory(prefix="rapport-fit-") as first:
            learnt, held = hold_out(train, HELD_OUT_OF_FEW)
            _, card = _train(learnt, held, base, chosen, Path(first), report=report)
        epochs, final = _train(train, [], base, chosen, folder, report=report)
        # The first model's thresholds belong to its own weights of the signs of scope.
        write_card(folder, final | {"temperatures": card["temperatures"]})
    elif validation:
        epochs, _ = _train(train, validation, base, chosen, folder, report=report, choose_epoch=True)
    else:
        learnt, held = hold_out(train, HELD_OUT)
        epochs, _ = _train(learnt, held, base, chosen, folder, report=report)
    return FittedModel(Encoder.load(folder), folder / FLOAT_FILE, time.monotonic() - started, epochs)


def names_as_utterances(rows: list[Row]) -> list[Row]:
    """The names of labels with few utterances as utterances ("lost_or_stolen_card"), if they are words.

    With ten messages for each of BANKING77's intents this was worth 0.2 points on validation messages.
    """
    counts = Counter(row.label for row in rows if row.label != OUT_OF_SCOPE)
    named = {label: " ".join(_WORD_BORDER.split(label)).strip().lower() for label in counts}
    return [
        Row(name, label, rows[0].file, 0)
        for label, name in named.items()
        if counts[label] < FEW_OF_A_LABEL and " " in name and name.replace(" ", "").isalpha()
    ]


def _train(
    learnt: list[Row],
    held: list[Row],
    base: BaseModel,
    recipe: Recipe,
    folder: Path,
    *,
    report: Callable[[Progress], None],
    choose_epoch: bool = False,
) -> tuple[int, dict[str, Any]]:
    """Fill `folder`; returns the number of epochs and the card. `held` calibrates, and chooses the epoch if told."""
    parts = Parts(
        Split([*learnt, *names_as_utterances(learnt)], held, []), Split([], [], []), label_names(learnt), ()
    )
    to_fit = parts if choose_epoch else replace(parts, intents=replace(parts.intents, validation=[]))
    fitted = fit(to_fit, base, recipe, report=report)
    return fitted.epochs, package(fitted, parts, base, recipe, folder)
