"""BANKING77 (full and with ten messages an intent): Casanueva et al., 2020."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

from nlu_models.benchmark.files import read_parallel
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Row
from nlu_models.training.fit import Progress
from nlu_models.training.fit_rows import FittedModel, fit_rows, recipe_for
from nlu_models.training.labelled_csv import read_labelled_csv
from nlu_models.training.package import against_float
from nlu_models.training.scored import score_rows

SEEDS = (1, 2, 3)

Report = Callable[[Progress], None]


def banking77(data: Path, folder: Path, base: BaseModel, report: Report) -> dict[str, Any]:
    """One model on all training messages; accuracy in per cent on the test file."""
    train = read_labelled_csv(data / "banking77" / "train.csv")
    test = read_labelled_csv(data / "banking77" / "test.csv")
    fitted = fit_rows(train, [], base, folder, report=report)
    return _figures(fitted, test) | {
        "runs": 1,
        "train_rows": len(train),
        "int8": against_float(fitted.float_file, fitted.encoder, test, []),
    }


def banking77_10_shot(data: Path, folder: Path, base: BaseModel, report: Report) -> dict[str, Any]:
    """Ten messages an intent (the published choice of them), the mean of three seeds of training."""
    train = read_parallel(data / "banking77-fewshot" / "train_10")
    test = read_labelled_csv(data / "banking77" / "test.csv")
    runs = []
    for seed in SEEDS:
        run_folder = folder / str(seed)
        run_folder.mkdir()
        recipe = replace(recipe_for(len(train)), seed=seed)
        runs.append(_figures(fit_rows(train, [], base, run_folder, recipe=recipe, report=report), test))
    return {
        "accuracy": round(mean(run["accuracy"] for run in runs), 2),
        "runs": len(runs),
        "of_each": [run["accuracy"] for run in runs],
        "calibration_error": round(mean(run["calibration_error"] for run in runs), 4),
        "seconds": round(sum(run["seconds"] for run in runs), 1),
        "train_rows": len(train),
    }


def _figures(fitted: FittedModel, test: list[Row]) -> dict[str, Any]:
    figures = score_rows(fitted.encoder, test).figures(fitted.encoder.folder.intent_temperature)
    return figures | {
        "accuracy": round(100 * figures["accuracy"], 2),
        "seconds": round(fitted.seconds, 1),
        "epochs": fitted.epochs,
        "test_rows": len(test),
    }
