"""Trained models by the content that made them: unchanged input never trains twice."""

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

from nlu_models import runtime
from nlu_models.runtime.model_folder import CARD_FILE, ModelFolderError, read_model_folder
from nlu_models.training.base_model import BaseModel
from nlu_models.training.dataset import Dataset
from nlu_models.training.recipe import Recipe

#: The modules of the runtime that shape a model.
_SHAPING = (
    "characters",
    "clauses",
    "encoder",
    "identifiers",
    "intent_head",
    "model_folder",
    "neighbours",
    "people",
    "places",
    "reading",
    "scope",
    "spelling",
    "wishes",
)

_PARTIAL = ".partial-"

#: In the folder of the models, held while a folder there begins, takes its place, or is removed; and in an unfinished
#: model's folder, held until it is finished. A lock, not a process id: containers that share a cache number theirs alike.
_LOCK = ".lock"

#: From when on an unfinished folder without a lock, as earlier versions made them, counts as abandoned.
_ABANDONED_SECONDS = 3_600


def code_hash() -> str:
    """SHA-256 over the code and the lists of names that shape a model: the training and what it takes of the runtime."""
    digest = hashlib.sha256()
    of_runtime = Path(str(runtime.__file__)).parent
    for file in (
        *sorted(Path(__file__).parent.glob("*.py")),
        *(of_runtime / f"{module}.py" for module in _SHAPING),
        *sorted(of_runtime.glob("*.txt")),
    ):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def model_id(data: Dataset, recipe: Recipe, base: BaseModel) -> str:
    """The name of the model that this data, this code, these settings and these weights make."""
    made_of = [data.content_hash(), code_hash(), asdict(recipe), base.weights_sha256]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:24]


def check_trained(folder: Path) -> None:
    """See to it that the folder holds, whole and unchanged, the model that its name says.

    Raises:
        ModelFolderError: it does not, or there is no such folder.
    """
    held = read_model_folder(folder).model_id
    if held != folder.name:
        raise ModelFolderError(f"{folder}: holds the model {held}")


def _is_trained(folder: Path) -> bool:
    try:
        check_trained(folder)
    except ModelFolderError:
        return False
    return True


@contextmanager
def new_folder(target: Path, usable: Callable[[Path], bool] = _is_trained) -> Iterator[Path]:
    """A temporary folder that becomes `target` when the block ends well, and goes otherwise.

    What is at `target` then stays when it is usable: somebody else finished the same model in the meantime, and it is
    as good. Otherwise it is replaced; who reads files of it just then keeps those that they have open, and finds
    those of the new one, or for a moment none.
    """
    models = target.parent
    models.mkdir(parents=True, exist_ok=True)
    with _locked(models):
        _remove_abandoned(models)
        partial = Path(mkdtemp(prefix=_PARTIAL, dir=models))
        held = (partial / _LOCK).open("w")
        fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield partial
        partial.chmod(0o755)
        with _locked(models):
            (partial / _LOCK).unlink()
            if not usable(target):
                _replace(target, partial)
    finally:
        held.close()
        shutil.rmtree(partial, ignore_errors=True)


def _replace(target: Path, new: Path) -> None:
    """Put the folder `new` at `target`; what was there is gone then."""
    if not target.exists():
        new.rename(target)
        return
    with TemporaryDirectory(prefix=_PARTIAL, dir=target.parent) as aside:
        target.rename(Path(aside) / target.name)
        new.rename(target)


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Write `card.json` whole or not at all."""
    partial = folder / f"{_PARTIAL}{os.getpid()}-{CARD_FILE}"
    partial.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(folder / CARD_FILE)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Be the only one who changes which folders are in `folder`: another waits."""
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_abandoned(folder: Path) -> None:
    """Remove what a training that was killed has left."""
    for partial in folder.glob(f"{_PARTIAL}*"):
        with suppress(FileNotFoundError):  # its maker has just removed it
            if _abandoned(partial):
                shutil.rmtree(partial, ignore_errors=True)


def _abandoned(partial: Path) -> bool:
    """Whether nobody holds the lock of an unfinished folder."""
    try:
        with (partial / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except FileNotFoundError:
        return time.time() - partial.stat().st_mtime > _ABANDONED_SECONDS
    return True
