"""Reads the public data sets where they lie."""

import json
from pathlib import Path

from nlu_models.runtime.wishes import OUT_OF_SCOPE
from nlu_models.training.dataset import Row


class NoDataError(OSError):
    """A data set is not there. The message says where it was looked for."""


def check_data(folder: Path) -> None:
    """Raise `NoDataError` unless `folder` exists."""
    if not folder.is_dir():
        raise NoDataError(f"no data set at {folder}: name the folder of the public data sets with --data")


def read_parallel(folder: Path) -> list[Row]:
    """Messages in `seq.in` with their labels in `label`, line by line."""
    texts = (folder / "seq.in").read_text(encoding="utf-8").splitlines()
    labels = (folder / "label").read_text(encoding="utf-8").splitlines()
    pairs = zip(texts, labels, strict=True)
    return [Row(text, label, folder / "seq.in", line) for line, (text, label) in enumerate(pairs, start=1)]


def read_clinc(file: Path, part: str) -> list[Row]:
    """A part of CLINC150; its `oos` is our `out_of_scope`."""
    pairs = json.loads(file.read_text(encoding="utf-8"))[part]
    return [Row(text, OUT_OF_SCOPE if label == "oos" else label, file, 0) for text, label in pairs]
