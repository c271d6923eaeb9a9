"""`fit`: the recipe on anybody's labelled messages."""

import argparse
import csv
import json
import os
from pathlib import Path
from typing import Any

from nlu_models.training.base_model import find_base_model
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
    train = read_labelled_csv(options.train)
    check_training_rows(train)
    known = frozenset(row.label for row in train)
    # A label that nothing was learnt of can't be found; it counts as missed.
    test = read_labelled_csv(options.test)
    validation = read_labelled_csv(options.valid, known) if options.valid else []
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
        "model_megabytes": round(sum(file.stat().st_size for file in options.out.iterdir()) / 1e6, 1),
        "train_rows": len(train),
        "test_rows": len(test),
        "model": str(options.out),
    }
    print(json.dumps(result))
    return 0
