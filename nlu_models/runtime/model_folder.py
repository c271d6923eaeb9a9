"""The folder of a trained encoder: what must be in it, and the check before it is used."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODEL_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
LABELS_FILE = "labels.json"
CARD_FILE = "card.json"

#: Raised when the meaning of a file in the folder changes; an older folder is then refused.
FORMAT = 1


class ModelFolderError(Exception):
    """The folder is no usable model; the message says which file and why."""


@dataclass(frozen=True)
class ModelFolder:
    """A checked folder."""

    path: Path
    model_id: str
    intents: tuple[str, ...]
    sentiments: tuple[str, ...]
    intent_temperature: float
    sentiment_temperature: float
    scope_threshold: float
    max_tokens: int
    card: dict[str, Any]


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_model_folder(path: Path) -> ModelFolder:
    """Read and check everything but the model itself.

    Raises:
        ModelFolderError: a file is missing, was changed after training, or does not say what it must.
    """
    if not path.is_dir():
        raise ModelFolderError(f"{path}: no such folder; `python -m nlu_models train` makes the model")
    for name in (CARD_FILE, LABELS_FILE, TOKENIZER_FILE, MODEL_FILE):
        if not (path / name).is_file():
            raise ModelFolderError(f"{path}: {name} is missing")
    card = _read_json(path / CARD_FILE)
    if card.get("format") != FORMAT:
        raise ModelFolderError(
            f"{path / CARD_FILE}: format {card.get('format')!r}, but this code reads {FORMAT}"
        )
    hashes = card.get("files")
    for name in (LABELS_FILE, TOKENIZER_FILE, MODEL_FILE):
        expected = hashes.get(name) if isinstance(hashes, dict) else None
        if sha256(path / name) != expected:
            raise ModelFolderError(f"{path / name}: damaged or changed (SHA-256 is not the one on the card)")
    labels = _read_json(path / LABELS_FILE)
    temperatures = card.get("temperatures")
    thresholds = card.get("thresholds")
    if not isinstance(temperatures, dict) or not isinstance(thresholds, dict):
        raise ModelFolderError(f"{path / CARD_FILE}: temperatures or thresholds are missing")
    return ModelFolder(
        path=path,
        model_id=str(card.get("model_id", path.name)),
        intents=_label_names(labels, "intents", path),
        sentiments=_label_names(labels, "sentiments", path),
        intent_temperature=_positive(temperatures, "intent", path),
        sentiment_temperature=_positive(temperatures, "sentiment", path),
        scope_threshold=_positive(thresholds, "scope", path),
        max_tokens=int(_positive(card, "max_tokens", path)),
        card=card,
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelFolderError(f"{path}: not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ModelFolderError(f"{path}: must be a JSON object")
    return content


def _label_names(labels: dict[str, Any], head: str, path: Path) -> tuple[str, ...]:
    names = labels.get(head)
    if (
        not isinstance(names, list)
        or len(names) < 2
        or len(set(map(str, names))) != len(names)
        or not all(isinstance(name, str) and name for name in names)
    ):
        raise ModelFolderError(f"{path / LABELS_FILE}: {head} must be a list of two or more different names")
    return tuple(names)


def _positive(values: dict[str, Any], name: str, path: Path) -> float:
    value = values.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise ModelFolderError(f"{path / CARD_FILE}: {name} must be a number above 0, not {value!r}")
    return float(value)
