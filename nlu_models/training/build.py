"""From data to a finished model folder."""

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nlu_models.evaluation import measure
from nlu_models.runtime import Encoder
from nlu_models.runtime.encoder import OUT_OF_SCOPE, softmax
from nlu_models.runtime.model_folder import FORMAT, LABELS_FILE, MODEL_FILE, TOKENIZER_FILE, sha256
from nlu_models.training.base_model import BaseModel
from nlu_models.training.calibration import choose_scope_threshold, fit_temperature
from nlu_models.training.dataset import Dataset, Row
from nlu_models.training.export import export_float, quantise
from nlu_models.training.fit import Progress, fit
from nlu_models.training.network import bfloat16_pays
from nlu_models.training.recipe import Recipe
from nlu_models.training.split import Split, split
from nlu_models.training.store import code_hash, model_id, new_folder, write_card

_LIBRARIES = ("torch", "transformers", "tokenizers", "onnx", "onnxruntime", "numpy")


def build(
    data: Dataset,
    recipe: Recipe,
    base: BaseModel,
    cache: Path,
    *,
    report: Callable[[Progress], None] = lambda _: None,
) -> Path:
    """Train, export, calibrate and measure; the folder appears in `cache` only when all is done."""
    started = time.monotonic()
    name = model_id(data, recipe, base)
    intents = split(data.intents, recipe.validation, recipe.test)
    sentiments = split(data.sentiments, recipe.validation, recipe.test)
    labels = (_labels(data.intents), _labels(data.sentiments))
    target = cache / name
    with new_folder(target) as folder:
        fitted = fit(intents, sentiments, labels, base, recipe, report=report)
        float_file = folder / "model.onnx"
        export_float(fitted.network, float_file, recipe.opset)
        quantise(float_file, folder / MODEL_FILE)
        shutil.copy(base.folder / "tokenizer.json", folder / TOKENIZER_FILE)
        (folder / LABELS_FILE).write_text(
            json.dumps({"intents": labels[0], "sentiments": labels[1]}, indent=2)
        )
        card: dict[str, Any] = {
            "format": FORMAT,
            "model_id": name,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "data_hash": data.content_hash(),
            "code_hash": code_hash(),
            "base": {"name": base.name, "weights_sha256": base.weights_sha256},
            "recipe": asdict(recipe),
            "precision": "bfloat16" if bfloat16_pays() else "float32",
            "rows": {"intents": _sizes(intents), "sentiments": _sizes(sentiments)},
            "best_epoch": fitted.best_epoch,
            "epochs": fitted.epochs,
            "files": {file: sha256(folder / file) for file in (LABELS_FILE, TOKENIZER_FILE, MODEL_FILE)},
            "temperatures": {"intent": 1.0, "sentiment": 1.0},
            "thresholds": {"scope": 1e-6},
            "max_tokens": recipe.max_tokens,
            "libraries": {library: version(library) for library in _LIBRARIES},
        }
        write_card(folder, card)
        card |= _calibrate(Encoder.load(folder), intents.validation, sentiments.validation)
        write_card(folder, card)
        served = Encoder.load(folder)
        card["metrics"] = measure(served, intents.test, sentiments.test)
        card["metrics"]["int8_against_float"] = agreement(
            float_file, served, [*intents.test, *sentiments.test]
        )
        card["training_seconds"] = round(time.monotonic() - started, 1)
        float_file.unlink()
        write_card(folder, card)
    return target


def agreement(float_file: Path, encoder: Encoder, rows: list[Row]) -> float:
    """Share of rows for which the eight-bit model names the intent and the sentiment of the 32-bit one."""
    in_float = Encoder.with_model(encoder.folder, float_file)
    same = [
        all(
            int(np.argmax(ours)) == int(np.argmax(theirs))
            for ours, theirs in zip(encoder.logits(row.text), in_float.logits(row.text), strict=True)
        )
        for row in rows
    ]
    return round(float(np.mean(same)), 4)


def _calibrate(encoder: Encoder, intents: list[Row], sentiments: list[Row]) -> dict[str, Any]:
    """Temperatures and threshold of the model as it is served, from the validation part."""
    names = encoder.folder.intents
    intent_logits = np.stack([encoder.logits(row.text)[0] for row in intents])
    sentiment_logits = np.stack([encoder.logits(row.text)[1] for row in sentiments])
    truth = np.array([names.index(row.label) for row in intents])
    moods = np.array([encoder.folder.sentiments.index(row.label) for row in sentiments])
    temperature = fit_temperature(intent_logits, truth)
    probabilities = softmax(intent_logits / temperature)
    chosen = probabilities.argmax(axis=-1)
    taken = np.array([names[place] != OUT_OF_SCOPE for place in chosen])
    return {
        "temperatures": {"intent": temperature, "sentiment": fit_temperature(sentiment_logits, moods)},
        "thresholds": {
            "scope": choose_scope_threshold(probabilities.max(axis=-1)[taken], (chosen == truth)[taken])
        },
    }


def _labels(rows: list[Row]) -> tuple[str, ...]:
    return tuple(sorted({row.label for row in rows}))


def _sizes(parts: Split) -> dict[str, int]:
    return {"train": len(parts.train), "validation": len(parts.validation), "test": len(parts.test)}
