"""Models that differ from the tiny one in name, intents, entities or health, for tests in Rasa's environment."""

import json
import shutil
from pathlib import Path

from nlu_models.runtime.model_folder import CARD_FILE, LABELS_FILE, MODEL_FILE, sha256
from nlu_models.runtime.models import NER_FOLDER
from nlu_models.training.ner import Marked, NerRecipe, Span, fit_ner


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
        card["files"][LABELS_FILE] = sha256(target / LABELS_FILE)
    (target / CARD_FILE).write_text(json.dumps({**card, "model_id": target.name}))


def add_recogniser(folder: Path) -> None:
    """Give the model a recogniser of its own, which takes "hello" for a product."""
    rows = [Marked("hello", (Span(0, 5, "product"),)), Marked("thanks", ())]
    recipe = NerRecipe(
        width=32, depth=1, from_english=False, epochs=30, patience=30, batch=2, dropout=0.0, lower_case=0.0
    )
    fitted = fit_ner(rows, rows, recipe)
    assert fitted.f1 == 1.0
    fitted.language.to_disk(folder / NER_FOLDER)
    card = json.loads((folder / CARD_FILE).read_text())
    for file in (folder / NER_FOLDER).rglob("*"):
        if file.is_file():
            card["files"][str(file.relative_to(folder))] = sha256(file)
    (folder / CARD_FILE).write_text(json.dumps(card))


def damage(folder: Path) -> None:
    """Cut the model's file in two."""
    size = (folder / MODEL_FILE).stat().st_size
    with (folder / MODEL_FILE).open("r+b") as file:
        file.truncate(size // 2)
