"""The folder of a trained encoder: what must be in it, and the check before it is used."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MODEL_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
LABELS_FILE = "labels.json"
SCOPE_FILE = "scope.npz"
HEAD_FILE = "intent_head.npz"
WORDS_FILE = "words.json"
NEIGHBOURS_FILE = "neighbours.json"
NEIGHBOUR_VECTORS_FILE = "neighbours.npy"
CARD_FILE = "card.json"

#: The files that the card vouches for by their hashes.
CHECKED_FILES = (
    LABELS_FILE,
    TOKENIZER_FILE,
    MODEL_FILE,
    HEAD_FILE,
    SCOPE_FILE,
    WORDS_FILE,
    NEIGHBOURS_FILE,
    NEIGHBOUR_VECTORS_FILE,
)

#: Raised when the meaning of a file in the folder changes; an older folder is then refused.
FORMAT = 4


class ModelFolderError(Exception):
    """The folder is no usable model; the message says which file and why."""


@dataclass(frozen=True)
class Thresholds:
    """From which scores on the encoder decides; chosen on validation data.

    Attributes:
        scope: the scope score that a message needs to be served, for an intent without one of its own.
        intents: the same for single intents.
        margin: two intents are close when their probabilities differ by less.
        second_wish: the probability that the intent of a clause needs to count as a wish.
    """

    scope: float
    intents: dict[str, float]
    margin: float
    second_wish: float

    def of(self, intent: str) -> float:
        """The scope score that a message taken for `intent` needs."""
        return self.intents.get(intent, self.scope)


@dataclass(frozen=True)
class ModelFolder:
    """A checked folder."""

    path: Path
    model_id: str
    intents: tuple[str, ...]
    sentiments: tuple[str, ...]
    intent_temperature: float
    sentiment_temperature: float
    thresholds: Thresholds
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
    if not (path / CARD_FILE).is_file():
        raise ModelFolderError(f"{path}: {CARD_FILE} is missing")
    card = _read_json(path / CARD_FILE)
    if card.get("format") != FORMAT:
        raise ModelFolderError(
            f"{path / CARD_FILE}: format {card.get('format')!r}, but this code reads {FORMAT}"
        )
    hashes = card.get("files")
    if not isinstance(hashes, dict):
        raise ModelFolderError(f"{path / CARD_FILE}: files must be an object of SHA-256 by file")
    for name in (*CHECKED_FILES, *(name for name in hashes if name not in CHECKED_FILES)):
        if not (path / name).is_file():
            raise ModelFolderError(f"{path}: {name} is missing")
        if sha256(path / name) != hashes.get(name):
            raise ModelFolderError(f"{path / name}: damaged or changed (SHA-256 is not the one on the card)")
    labels = _read_json(path / LABELS_FILE)
    temperatures = card.get("temperatures")
    if not isinstance(temperatures, dict):
        raise ModelFolderError(f"{path / CARD_FILE}: temperatures are missing")
    return ModelFolder(
        path=path,
        model_id=str(card.get("model_id", path.name)),
        intents=_label_names(labels, "intents", path, least=2),
        # Without a head for them a model has no sentiments, as one trained on a file of intents alone.
        sentiments=_label_names(labels, "sentiments", path, least=0),
        intent_temperature=_positive(temperatures, "intent", path),
        sentiment_temperature=_positive(temperatures, "sentiment", path),
        thresholds=_thresholds(card.get("thresholds"), path),
        max_tokens=int(_positive(card, "max_tokens", path)),
        card=card,
    )


def _thresholds(written: Any, path: Path) -> Thresholds:
    if not isinstance(written, dict) or not isinstance(written.get("intents"), dict):
        raise ModelFolderError(f"{path / CARD_FILE}: thresholds are missing")
    return Thresholds(
        scope=_share(written, "scope", path),
        intents={str(name): _share(written["intents"], name, path) for name in written["intents"]},
        margin=_share(written, "margin", path),
        second_wish=_share(written, "second_wish", path),
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ModelFolderError(f"{path}: not JSON: {error}") from None
    if not isinstance(content, dict):
        raise ModelFolderError(f"{path}: must be a JSON object")
    return content


def _label_names(labels: dict[str, Any], head: str, path: Path, least: int) -> tuple[str, ...]:
    names = labels.get(head)
    if (
        not isinstance(names, list)
        or len(names) < least
        or len(set(map(str, names))) != len(names)
        or not all(isinstance(name, str) and name for name in names)
    ):
        raise ModelFolderError(
            f"{path / LABELS_FILE}: {head} must be a list of {least} or more different names"
        )
    return tuple(names)


def _number(values: dict[str, Any], name: str, path: Path) -> float:
    value = values.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ModelFolderError(f"{path / CARD_FILE}: {name} must be a number, not {value!r}")
    return float(value)


def _positive(values: dict[str, Any], name: str, path: Path) -> float:
    value = _number(values, name, path)
    if not value > 0:
        raise ModelFolderError(f"{path / CARD_FILE}: {name} must be above 0, not {value!r}")
    return value


def _share(values: dict[str, Any], name: str, path: Path) -> float:
    value = _number(values, name, path)
    if not 0 <= value <= 1:
        raise ModelFolderError(f"{path / CARD_FILE}: {name} must be from 0 to 1, not {value!r}")
    return value
