"""Trained models by the content that made them: unchanged input never trains twice."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from nlu_models.runtime import (
    clauses,
    encoder,
    intent_head,
    model_folder,
    people,
    places,
    scope,
    spelling,
    wishes,
)
from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Dataset
from nlu_models.training.recipe import Recipe

_PARTIAL = ".partial-"


def cache_folder() -> Path:
    """Where trained encoders lie: `encoder` in `RAPPORT_CACHE` (`~/.cache/rapport`)."""
    return Path(os.environ.get("RAPPORT_CACHE") or Path.home() / ".cache" / "rapport") / "encoder"


def code_hash() -> str:
    """SHA-256 over the code and the lists of names that shape a model: the training and what it takes of the runtime."""
    digest = hashlib.sha256()
    runtime = (clauses, encoder, intent_head, model_folder, people, places, scope, spelling, wishes)
    for file in (
        *sorted(Path(__file__).parent.glob("*.py")),
        *(Path(str(module.__file__)) for module in runtime),
        *sorted(Path(str(places.__file__)).parent.glob("*.txt")),
    ):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def model_id(data: Dataset, recipe: Recipe, base: BaseModel) -> str:
    """The name of the model that this data, this code, these settings and these weights make."""
    made_of = [data.content_hash(), code_hash(), asdict(recipe), base.weights_sha256]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:24]


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder that becomes `target` when the block ends well, and goes otherwise."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target.parent)
    partial = Path(mkdtemp(prefix=f"{_PARTIAL}{os.getpid()}-", dir=target.parent))
    try:
        yield partial
        partial.chmod(0o755)
        try:
            partial.rename(target)
        except OSError:
            # Somebody else finished the same model in the meantime; it is as good as ours.
            if not (target / CARD_FILE).is_file():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write `card.json` whole or not at all."""
    partial = folder / f"{_PARTIAL}{os.getpid()}-{CARD_FILE}"
    partial.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(folder / CARD_FILE)


def _remove_abandoned(folder: Path) -> None:
    """Remove what a training that was killed has left."""
    for partial in folder.glob(f"{_PARTIAL}*"):
        maker = partial.name.removeprefix(_PARTIAL).partition("-")[0]
        if maker.isdigit() and not _alive(int(maker)):
            shutil.rmtree(partial, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
