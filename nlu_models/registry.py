"""Which of the trained encoders serves: a small file beside the state of an installation.

The models lie in the cache that installations share; each installation's file says which one it has promoted, and
keeps the record of all promotions. Runs in both environments.
"""

import fcntl
import json
import os
import re
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nlu_models import settings
from nlu_models.runtime import Encoder, ModelFolderError, Models
from nlu_models.runtime.model_folder import CARD_FILE

_CHECKOUT = Path(__file__).resolve().parents[1]
_MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def models_folder() -> Path:
    """Where trained encoders lie: `encoder` in `RAPPORT_CACHE` (`~/.cache/rapport`)."""
    return Path(os.environ.get("RAPPORT_CACHE") or "~/.cache/rapport").expanduser() / "encoder"


class RegistryError(Exception):
    """The wish can't be met, or the file can't be read. The message is one line that says why and what to do."""


@dataclass(frozen=True)
class Promotion:
    """A change of the serving model.

    Attributes:
        at: when, in ISO 8601, UTC.
        by: the command that made it: `train`, `promote` or `rollback`.
    """

    model_id: str
    at: str
    by: str


@dataclass(frozen=True)
class Content:
    """What the file says.

    Attributes:
        promoted: the model that serves; None before the first promotion.
        history: every change, the oldest first.
    """

    promoted: str | None = None
    history: tuple[Promotion, ...] = ()

    @property
    def line(self) -> tuple[str, ...]:
        """The promotions that were not rolled back, the oldest first; the last is the one that serves."""
        line: list[str] = []
        for change in self.history:
            if change.by == "rollback":
                line = line[:-1]
            if not line or line[-1] != change.model_id:
                line.append(change.model_id)
        if self.promoted is not None and (not line or line[-1] != self.promoted):
            line.append(self.promoted)  # the file was edited by hand
        return tuple(line)

    def ever_promoted(self, model_id: str) -> bool:
        return model_id == self.promoted or any(change.model_id == model_id for change in self.history)


class Registry:
    """The registry of one installation.

    Args:
        file: where it is kept; need not exist yet.
        models: the folder of the trained models, each named by its id.
    """

    def __init__(self, file: Path, models: Path) -> None:
        self.file = file
        self.models = models

    @classmethod
    def of_environment(cls) -> "Registry":
        """The registry that `RAPPORT_ENCODER_REGISTRY` names, else the one in the folder of local state."""
        state = Path(os.environ.get("RAPPORT_STATE") or _CHECKOUT / ".rapport").expanduser()
        file = os.environ.get("RAPPORT_ENCODER_REGISTRY") or state / "encoder.json"
        return cls(Path(file).expanduser(), models_folder())

    def read(self) -> Content:
        """What the file says now; nothing is promoted when there is none.

        Raises:
            RegistryError: the file can't be read, or does not say what it must.
        """
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Content()
        except (OSError, UnicodeDecodeError) as error:
            raise RegistryError(f"{self.file}: unreadable: {error}") from None
        try:
            content = json.loads(text)
            promoted = content["promoted"]
            history = tuple(Promotion(**change) for change in content["history"])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise RegistryError(f"{self.file}: damaged ({error}); remove it and promote a model") from None
        for name in (promoted, *(change.model_id for change in history)):
            if name is not None and not (isinstance(name, str) and _MODEL_ID.fullmatch(name)):
                raise RegistryError(f"{self.file}: {name!r} is no model id")
        return Content(promoted, history)

    def promoted_folder(self) -> Path:
        """The folder of the serving model, unchecked.

        Raises:
            RegistryError: nothing is promoted.
        """
        promoted = self.read().promoted
        if promoted is None:
            raise RegistryError(
                "no model is promoted yet: run `python -m nlu_models train`,"
                " or `python -m nlu_models promote MODEL_ID`"
            )
        return self.models / promoted

    def cards(self) -> dict[str, dict[str, Any]]:
        """The card of each model, the newest first; an unreadable card is an empty one."""
        found = {
            folder.name: _card(folder)
            for folder in (self.models.iterdir() if self.models.is_dir() else ())
            if _MODEL_ID.fullmatch(folder.name) and (folder / CARD_FILE).is_file()
        }
        return dict(sorted(found.items(), key=lambda item: str(item[1].get("made_at", "")), reverse=True))

    def find(self, name: str) -> str:
        """The id that `name` means: an id, the unique beginning of one, or `latest`.

        Raises:
            RegistryError: it means none, or several.
        """
        ids = list(self.cards())
        if not ids:
            raise RegistryError(f"no model in {self.models}: run `python -m nlu_models train`")
        if name == "latest":
            return ids[0]
        fitting = [model_id for model_id in ids if model_id == name] or [
            model_id for model_id in ids if name and model_id.startswith(name)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise RegistryError(f"{name} is the beginning of {' and '.join(sorted(fitting))}: say more of it")
        raise RegistryError(f"no model {name} in {self.models}: `python -m nlu_models list` names them")

    def load(self, model_id: str, known_intents: Set[str] | None) -> Models:
        """Load a model, checked as a whole: files, card, recogniser, and that the dialogue knows each of its intents.

        Args:
            known_intents: those of the dialogue; None to leave them unchecked.

        Raises:
            ModelFolderError: it is damaged, another model than its folder says, or does not fit the dialogue.
            CatalogueError: the shop's catalogue can't be read.
        """
        folder = self.models / model_id
        models = Models.load(folder, settings.CATALOGUE)
        if models.model_id != model_id:
            raise ModelFolderError(f"{folder}: holds the model {models.model_id}")
        if known_intents is not None:
            check_fit(models.encoder, known_intents)
        return models

    def promote(self, model_id: str, known_intents: Set[str] | None, by: str = "promote") -> bool:
        """Make a model the serving one, and say whether another one (or none) served before.

        The file is written in either case, so that a bot which refused this model looks at it again.

        Raises:
            ModelFolderError: it is not usable; the one before stays.
            RegistryError: the file can't be read.
        """
        self.load(model_id, known_intents)
        return self._change(lambda _: Promotion(model_id, _now(), by)) != model_id

    def rollback(self, known_intents: Set[str] | None) -> str:
        """Make the model before the serving one serve again, and return its id.

        Raises:
            RegistryError: there is none before.
            ModelFolderError: it is not usable any more; the serving one stays.
        """

        def one_back(content: Content) -> Promotion:
            if len(content.line) < 2:
                raise RegistryError("no model was promoted before this one; there is nothing to go back to")
            self.load(content.line[-2], known_intents)
            return Promotion(content.line[-2], _now(), "rollback")

        self._change(one_back)
        return str(self.read().promoted)

    def _change(self, change: Callable[[Content], Promotion]) -> str | None:
        """Write one change, and return the model that served before."""
        with self._locked():
            content = self.read()
            promotion = change(content)
            history = content.history
            if promotion.model_id != content.promoted:
                history = (*history, promotion)
            self._write(Content(promotion.model_id, history))
            return content.promoted

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Be the only writer: another waits."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, content: Content) -> None:
        """Write the file whole or not at all."""
        made = {"promoted": content.promoted, "history": [asdict(change) for change in content.history]}
        partial = self.file.with_name(f".{self.file.name}.{os.getpid()}")
        partial.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
        partial.replace(self.file)


def check_fit(encoder: Encoder, known_intents: Set[str]) -> None:
    """See to it that a model fits the dialogue.

    Raises:
        ModelFolderError: it has no sentiments, or intents that the dialogue does not know.
    """
    if not encoder.folder.sentiments:
        raise ModelFolderError(f"{encoder.folder.path}: understands no sentiments")
    unknown = sorted(set(encoder.folder.intents) - known_intents)
    if unknown:
        raise ModelFolderError(f"{encoder.folder.path}: intents that the domain lacks: {', '.join(unknown)}")


def _card(folder: Path) -> dict[str, Any]:
    try:
        card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return card if isinstance(card, dict) else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
