"""From data to a finished model folder."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from nlu_models.evaluation import measure
from nlu_models.runtime import Encoder
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Dataset
from nlu_models.training.fit import Progress, fit
from nlu_models.training.ner import NerProgress
from nlu_models.training.ner_beside import recogniser_beside
from nlu_models.training.package import FLOAT_FILE, against_float, package
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Parts, label_names, split
from nlu_models.training.store import code_hash, model_id, new_folder, write_card


def build(
    data: Dataset,
    recipe: Recipe,
    base: BaseModel,
    cache: Path,
    *,
    report: Callable[[Progress | NerProgress], None] = lambda _: None,
) -> Path:
    """Train, export, calibrate and measure; the folder appears in `cache` only when all is done."""
    started = time.monotonic()
    of_two = Lock()

    def told(step: Progress | NerProgress) -> None:
        with of_two:  # who trains the encoder, and who listens to the recogniser's training
            report(step)

    name = model_id(data, recipe, base)
    parts = Parts(
        split(data.intents, recipe.validation, recipe.test),
        split(data.sentiments, recipe.validation, recipe.test),
        label_names(data.intents),
        label_names(data.sentiments),
    )
    target = cache / name
    with new_folder(target) as folder:
        with recogniser_beside(folder, parts.intents, recipe.seed, told) as beside:
            fitted = fit(parts, base, recipe, report=told)
            card = package(fitted, parts, base, recipe, folder)
            # A row more or less is a tenth of a point of the test part alone, so all rows that were not learnt.
            eight_bits = against_float(
                folder / FLOAT_FILE,
                Encoder.load(folder),
                [*parts.intents.validation, *parts.intents.test],
                [*parts.sentiments.validation, *parts.sentiments.test],
            )
            recogniser = beside.result()
        card |= {"model_id": name, "data_hash": data.content_hash(), "code_hash": code_hash()}
        card["recogniser"] = recogniser.about
        card["files"] |= recogniser.files
        write_card(folder, card)
        served = Encoder.load(folder)
        card["metrics"] = measure(served, parts.intents.test, parts.sentiments.test)
        card["metrics"]["int8"] = eight_bits
        if recogniser.scores:
            card["metrics"]["entities"] = recogniser.scores
        card["training_seconds"] = round(time.monotonic() - started, 1)
        (folder / FLOAT_FILE).unlink()
        write_card(folder, card)
    return target
