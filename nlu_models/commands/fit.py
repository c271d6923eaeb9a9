"""`fit`: the recipe on anybody's labelled messages."""

import argparse
import csv
import json
import os
from pathlib import Path
from typing import Any

from nlu_models.runtime.model_folder import CARD_FILE, CHECKED_FILES
from nlu_models.training.base_model import find_base_model
from nlu_models.training.dataset import DataError, Row
from nlu_models.training.labelled_csv import check_training_rows, read_labelled_csv


def add_parser(subparsers: Any) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "fit", help="train the same recipe on a CSV file of text,label, and judge it on another"
    )
    parser.add_argument("--train", type=Path, required=True, help="CSV file with the columns text and label")
    parser.add_argument(
        "--test", type=Path, required=True, help="rows to judge the model on, never used before"
    )
    parser.add_argument(
        "--valid",
        type=Path,
        help="rows to choose the epoch and the temperature on; some of --train without it",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the model and predictions.csv")
    return parser


def run(options: argparse.Namespace) -> int:
    """Read all files before the long work, train, and print one JSON line."""
    train, test, validation = _read(options.train, options.test, options.valid)
    base = find_base_model()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    from nlu_models.progress import training_progress  # noqa: PLC0415 - slow to import, as what follows
    from nlu_models.training.fit_rows import fit_rows  # noqa: PLC0415
    from nlu_models.training.scored import score_rows  # noqa: PLC0415

    with training_progress() as report:
        fitted = fit_rows(train, validation, base, options.out, report=report)
    fitted.float_file.unlink()
    scored = score_rows(fitted.encoder, test)
    with (options.out / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "label", "predicted", "confidence"))
        for row, predicted, confidence in zip(test, scored.predicted, scored.confidence, strict=True):
            writer.writerow((row.text, row.label, predicted, f"{confidence:.4f}"))
    result = scored.figures(fitted.encoder.folder.intent_temperature) | {
        "seconds": round(fitted.seconds, 1),
        "epochs": fitted.epochs,
        "model_megabytes": round(_model_bytes(options.out) / 1e6, 1),
        "train_rows": len(train),
        "test_rows": len(test),
        "model": str(options.out),
    }
    print(json.dumps(result))
    return 0


def _read(
    train_file: Path, test_file: Path, validation_file: Path | None
) -> tuple[list[Row], list[Row], list[Row]]:
    """The rows of all files.

    Raises:
        DataError: with every fault of every file.
    """
    problems: list[str] = []

    def read(file: Path, known: frozenset[str] | None = None) -> list[Row]:
        try:
            return read_labelled_csv(file, known)
        except DataError as error:
            problems.extend(error.problems)
            return []

    train = read(train_file)
    if train:
        try:
            check_training_rows(train)
        except DataError as error:
            problems.extend(error.problems)
    # A label that nothing was learnt of can't be found; it counts as missed.
    test = read(test_file)
    # Which labels are known is not known while the training rows have faults.
    known = frozenset(row.label for row in train) or None
    validation = read(validation_file, known) if validation_file else []
    if problems:
        raise DataError(problems)
    return train, test, validation


def _model_bytes(folder: Path) -> int:
    return sum((folder / name).stat().st_size for name in (*CHECKED_FILES, CARD_FILE))
