"""A trained network as a model folder: exported, quantised, calibrated."""

import json
import shutil
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nlu_models.runtime import Encoder
from nlu_models.runtime.intent_head import IntentHead, write_head
from nlu_models.runtime.model_folder import (
    CHECKED_FILES,
    FORMAT,
    LABELS_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    sha256,
)
from nlu_models.runtime.neighbours import write_neighbours
from nlu_models.runtime.scope import write_scope
from nlu_models.runtime.spelling import count_words, write_words
from nlu_models.training.base_model import BaseModel
from nlu_models.training.calibrate import calibrate, of_each, uncalibrated_scope
from nlu_models.training.dataset import Row
from nlu_models.training.export import export_float, fused, quantise
from nlu_models.training.fit import Fitted
from nlu_models.training.network import bfloat16_pays
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Parts, Split
from nlu_models.training.store import write_card

Array = np.ndarray[Any, Any]

_LIBRARIES = ("torch", "transformers", "tokenizers", "onnx", "onnxruntime", "numpy")

#: The exported network before it is quantised; removed when it has been compared.
FLOAT_FILE = "model.onnx"


def package(fitted: Fitted, parts: Parts, base: BaseModel, recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Fill `folder`, which then holds a model that can be loaded, and `FLOAT_FILE`; returns its card."""
    export_float(fitted.network, folder / FLOAT_FILE, recipe.opset)
    quantise(fused(folder / FLOAT_FILE, fitted.network.heads, fitted.network.width), folder / MODEL_FILE)
    shutil.copy(base.folder / "tokenizer.json", folder / TOKENIZER_FILE)
    (folder / LABELS_FILE).write_text(
        json.dumps({"intents": parts.intent_names, "sentiments": parts.sentiment_names}, indent=2)
    )
    weights, bias = (tensor.detach().numpy() for tensor in fitted.network.intents.parameters())
    write_head(IntentHead(weights, bias), folder)
    write_words(count_words(row.text for row in (*parts.intents.train, *parts.sentiments.train)), folder)
    write_scope(uncalibrated_scope(parts.intent_names, fitted.network.width), folder)
    write_neighbours({}, np.zeros((0, fitted.network.width)), folder)
    card: dict[str, Any] = {
        "format": FORMAT,
        "model_id": folder.name,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "base": {"name": base.name, "weights_sha256": base.weights_sha256},
        "recipe": asdict(recipe),
        "precision": "bfloat16" if bfloat16_pays() else "float32",
        "rows": {"intents": _sizes(parts.intents), "sentiments": _sizes(parts.sentiments)},
        "best_epoch": fitted.best_epoch,
        "epochs": fitted.epochs,
        "files": _hashes(folder),
        "temperatures": {"intent": 1.0, "sentiment": 1.0},
        "thresholds": {"scope": 0.0, "intents": {}, "margin": 0.0, "second_wish": 1.0},
        "max_tokens": recipe.max_tokens,
        "libraries": {library: version(library) for library in _LIBRARIES},
    }
    write_card(folder, card)
    add_neighbours(Encoder.load(folder), parts.intents.train, folder)
    card["files"] = _hashes(folder)
    write_card(folder, card)
    card |= calibrate(Encoder.load(folder), parts, folder)
    card["files"] = _hashes(folder)
    write_card(folder, card)
    return card


def add_neighbours(encoder: Encoder, rows: list[Row], folder: Path) -> None:
    """Write into `folder` the rows as they are read, with their sentence vectors by the model as it is served."""
    in_order = sorted(rows, key=lambda row: encoder.folder.intents.index(row.label))
    vectors = of_each(lambda text: encoder.scores(text).vector, [row.text for row in in_order])
    texts: dict[str, list[str]] = defaultdict(list)
    for row in in_order:
        texts[row.label].append(encoder.as_read(row.text))
    write_neighbours(texts, np.stack(vectors), folder)


def against_float(
    float_file: Path, encoder: Encoder, intents: list[Row], sentiments: list[Row]
) -> dict[str, float]:
    """The eight-bit model beside the 32-bit one.

    Returns:
        `agreement`, the share of rows for which both name the same label, and `points_lost`, by how many points
        the accuracy of the eight-bit one is lower (negative when it is higher).
    """
    folder = encoder.folder
    truth = np.array(
        [folder.intents.index(row.label) for row in intents]
        + [folder.sentiments.index(row.label) for row in sentiments]
    )

    def named(by: Encoder) -> Array:
        of_intents = of_each(lambda text: by.scores(text).intents.argmax(), [row.text for row in intents])
        of_moods = of_each(lambda text: by.scores(text).sentiments.argmax(), [row.text for row in sentiments])
        return np.array(of_intents + of_moods)

    eight, full = named(encoder), named(Encoder.with_model(folder, float_file))
    return {
        "agreement": round(float((eight == full).mean()), 4),
        "points_lost": round(100 * float((full == truth).mean() - (eight == truth).mean()), 2),
    }


def _hashes(folder: Path) -> dict[str, str]:
    return {file: sha256(folder / file) for file in CHECKED_FILES}


def _sizes(parts: Split) -> dict[str, int]:
    return {"train": len(parts.train), "validation": len(parts.validation), "test": len(parts.test)}
