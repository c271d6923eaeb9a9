"""The names that the dialogue knows: what an utterance may mean, and what may be marked in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from web.training.shapes import Refused


@dataclass(frozen=True)
class Domain:
    """Names in the order of `domain.yml`."""

    intents: tuple[str, ...]
    entities: tuple[str, ...]

    @classmethod
    def read(cls, file: Path) -> "Domain":
        """
        Raises:
            Refused: the file can't be read.
        """
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            return cls(_names(content["intents"]), _names(content["entities"]))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError) as error:
            raise Refused(f"{file.name} can't be read ({type(error).__name__})") from error


def _names(listed: list[Any]) -> tuple[str, ...]:
    # One with settings is a mapping of its name.
    return tuple(name if isinstance(name, str) else str(next(iter(name))) for name in listed)
