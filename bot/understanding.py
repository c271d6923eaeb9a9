"""The encoder and the entity extractor of this process.

Where the encoder comes from the registry, a newly promoted one is taken while the bot runs: it is loaded and warmed
up beside the one in use, and then takes its place. Who began with the old one ends with it. One that can't be used
is refused, and the one in use stays.
"""

import logging
import os
import threading
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nlu_models.registry import Registry, RegistryError, check_fit
from nlu_models.runtime import Encoder, Entities, ModelFolderError

logger = logging.getLogger(__name__)

CATALOGUE = Path(__file__).resolve().parents[1] / "data" / "catalog" / "products.yml"
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


class LiveEncoder:
    """The encoder in use.

    Attributes:
        current: the encoder. Read it once for one piece of work: the next read may give another.
        refused: the promoted model that could not be taken, until one is taken or promoted.
    """

    current: Encoder
    refused: Refusal | None = None

    def __init__(self, registry: Registry | None, known_intents: Set[str], current: Encoder) -> None:
        self._registry = registry
        self._known_intents = known_intents
        self._stamp: _Stamp = None
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None
        self.current = current

    @classmethod
    def fixed(cls, folder: Path, known_intents: Set[str]) -> "LiveEncoder":
        """The encoder of one folder, for good.

        Raises:
            ModelFolderError: it can't be used.
        """
        encoder = Encoder.load(folder)
        check_fit(encoder, known_intents)
        return cls(None, known_intents, encoder)

    @classmethod
    def promoted(cls, registry: Registry, known_intents: Set[str]) -> "LiveEncoder":
        """The encoder that is promoted now, and from then on the one that is promoted last.

        When it can't be used, it is the last usable one of those before it.

        Raises:
            RegistryError: nothing is promoted, or the registry can't be read.
            ModelFolderError: none that was promoted can be used; says why the last one can't.
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
        """Begin to look for newly promoted encoders, in a thread of its own."""
        if self._registry is not None:
            self._watcher = threading.Thread(target=self._watch, name="encoder-watch", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._watcher is not None:
            self._watcher.join()

    def look(self) -> None:
        """Take the promoted encoder if the registry changed since the last look."""
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
            self.refused = None
        except (RegistryError, ModelFolderError, OSError) as error:
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


_live: LiveEncoder | None = None


def start(known_intents: Set[str]) -> LiveEncoder:
    """Load the encoder: of the folder that `RAPPORT_ENCODER_DIR` names, else the one promoted in the registry.

    Args:
        known_intents: those of the dialogue.

    Raises:
        RegistryError: nothing is promoted.
        ModelFolderError: the encoder can't be used.
    """
    global _live  # noqa: PLW0603 - Rasa makes the components that ask for it, and hands them nothing of ours
    folder = os.environ.get("RAPPORT_ENCODER_DIR")
    if folder:
        _live = LiveEncoder.fixed(Path(folder), known_intents)
    else:
        _live = LiveEncoder.promoted(Registry.of_environment(), known_intents)
    return _live


def encoder() -> Encoder:
    """The encoder in use.

    Raises:
        RuntimeError: it was not started.
    """
    if _live is None:
        raise RuntimeError("no encoder is loaded")
    return _live.current


@lru_cache(maxsize=1)
def entities() -> Entities:
    """The extractor with the shop's catalogue.

    Raises:
        CatalogueError: the catalogue can't be read.
        OSError: the English model is not installed.
    """
    return Entities.load(CATALOGUE)


def _stamp(file: Path) -> _Stamp:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size
