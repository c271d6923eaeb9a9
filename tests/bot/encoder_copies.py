"""Encoders that differ from the tiny one in name, intents or health, for tests in Rasa's environment."""

import hashlib
import json
import shutil
from pathlib import Path

from nlu_models.runtime.model_folder import CARD_FILE, LABELS_FILE, MODEL_FILE


def copy(source: Path, target: Path, intents: list[str] | None = None) -> None:
    """Copy an encoder under the name of its new folder.

    Args:
        intents: other names for its intents, in their order.
    """
    shutil.copytree(source, target)
    card = json.loads((target / CARD_FILE).read_text())
    if intents is not None:
        labels = json.loads((target / LABELS_FILE).read_text())
        (target / LABELS_FILE).write_text(json.dumps({**labels, "intents": intents}))
        card["files"][LABELS_FILE] = hashlib.sha256((target / LABELS_FILE).read_bytes()).hexdigest()
    (target / CARD_FILE).write_text(json.dumps({**card, "model_id": target.name}))


def damage(folder: Path) -> None:
    """Cut the model's file in two."""
    size = (folder / MODEL_FILE).stat().st_size
    with (folder / MODEL_FILE).open("r+b") as file:
        file.truncate(size // 2)
