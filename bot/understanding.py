"""The models of this process: the encoder and the extractor of entities that were made together.

Where they come from the registry, a newly promoted pair is taken while the bot runs: it is loaded and warmed up
beside the one in use, and then takes its place as a whole. A turn that began with the old pair ends with it. One
that can't be used is refused, and the one in use stays.
"""

import gc
import logging
import os
import threading
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from bot import turn as turns
from nlu_models import settings
from nlu_models.registry import Registry, RegistryError, check_fit
from nlu_models.runtime import CatalogueError, ModelFolderError, Models

logger = logging.getLogger(__name__)

#: Seconds between two looks at the registry.
LOOK_SECONDS = 0.5

#: State of a file by which a change shows; None when there is no file.
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class Refusal:
    """A promoted model that could not be taken.

    Attributes:
        model_id: None when the registry itself can't be read.
    """

    model_id: str | None
    reason: str


class LiveModels:
    """The models in use.

    Attributes:
        current: the models. Read it once for one piece of work: the next read may give others.
        refused: the promoted model that could not be taken, until one is taken or promoted.
    """

    current: Models
    refused: Refusal | None = None

    def __init__(self, registry: Registry | None, known_intents: Set[str], current: Models) -> None:
        self._registry = registry
        self._known_intents = known_intents
        self._stamp: _Stamp = None
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None
        self.current = current

    @classmethod
    def fixed(cls, folder: Path, known_intents: Set[str]) -> "LiveModels":
        """The models of one folder, for good.

        Raises:
            ModelFolderError: they can't be used.
            CatalogueError: the shop's catalogue can't be read.
        """
        models = Models.load(folder, settings.CATALOGUE)
        check_fit(models.encoder, known_intents)
        return cls(None, known_intents, models)

    @classmethod
    def promoted(cls, registry: Registry, known_intents: Set[str]) -> "LiveModels":
        """The models that are promoted now, and from then on those that are promoted last.

        When they can't be used, they are the last usable ones of those before.

        Raises:
            RegistryError: nothing is promoted, or the registry can't be read.
            ModelFolderError: none that was promoted can be used; says why the last one can't.
            CatalogueError: the shop's catalogue can't be read.
        """
        stamp = _stamp(registry.file)
        registry.promoted_folder()
        refused: Refusal | None = None
        first_error: ModelFolderError | None = None
        for model_id in reversed(registry.read().line):
            try:
                live = cls(registry, known_intents, registry.load(model_id, known_intents))
            except ModelFolderError as error:
                logger.error("encoder %s refused: %s", model_id, error)
                first_error = first_error or error
                refused = refused or Refusal(model_id, str(error))
            else:
                live._stamp, live.refused = stamp, refused
                return live
        assert first_error is not None  # noqa: S101 - the line holds the promoted one at least
        raise first_error

    def watch(self) -> None:
        """Begin to look for newly promoted models, in a thread of its own."""
        if self._registry is not None:
            self._watcher = threading.Thread(target=self._watch, name="encoder-watch", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._watcher is not None:
            self._watcher.join()

    def look(self) -> None:
        """Take the promoted models if the registry changed since the last look."""
        registry = self._registry
        if registry is None:
            return
        # Before it is read: a change in the meantime is seen at the next look.
        stamp = _stamp(registry.file)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        model_id = None
        try:
            model_id = registry.promoted_folder().name
            if model_id != self.current.model_id:
                self.current = registry.load(model_id, self._known_intents)
                logger.info("encoder %s taken", model_id)
                # spaCy's objects hold each other, and are too few for the collector to come by itself.
                gc.collect()
            self.refused = None
        except (CatalogueError, ModelFolderError, RegistryError, OSError) as error:
            self.refused = Refusal(model_id, " ".join(str(error).split()))
            what = f"encoder {model_id}" if model_id else "registry of encoders"
            logger.error("%s refused: %s; %s stays", what, self.refused.reason, self.current.model_id)

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:
                # Whatever it was, the next promotion must still be seen.
                logger.exception("could not look for a promoted encoder")


_live: LiveModels | None = None


def start(known_intents: Set[str]) -> LiveModels:
    """Load the models: of the folder that `RAPPORT_ENCODER_DIR` names, else those promoted in the registry.

    Args:
        known_intents: those of the dialogue.

    Raises:
        RegistryError: nothing is promoted.
        ModelFolderError: the models can't be used.
        CatalogueError: the shop's catalogue can't be read.
        OSError: the English model is needed and not installed.
    """
    global _live  # noqa: PLW0603 - Rasa makes the components that ask for it, and hands them nothing of ours
    folder = os.environ.get("RAPPORT_ENCODER_DIR")
    if folder:
        _live = LiveModels.fixed(Path(folder), known_intents)
    else:
        _live = LiveModels.promoted(Registry.of_environment(), known_intents)
    return _live


def models() -> Models:
    """The models that the turn under way began with; outside of a turn those in use.

    Raises:
        RuntimeError: none were started.
    """
    if _live is None:
        raise RuntimeError("no models are loaded")
    turn = turns.current()
    if turn is None:
        return _live.current
    if turn.understanding is None:
        turn.understanding = _live.current
    return turn.understanding


def _stamp(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
