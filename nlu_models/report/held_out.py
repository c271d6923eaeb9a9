"""Messages kept for judging alone: files like Rasa's NLU files, which no training reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu_models.settings import ROOT

HELD_OUT = ROOT / "tests" / "nlu_models" / "held_out"

#: Messages that are only ever counted: nobody reads them, so that nothing is fitted to them.
FRESH = ROOT / "tests" / "nlu_models" / "held_out_fresh"


class HeldOutError(Exception):
    """A file can't be read; the message names it and says why."""


@dataclass(frozen=True)
class HeldOutRow:
    """A message with the name of its intent, or of its sentiment."""

    text: str
    label: str


@dataclass(frozen=True)
class HeldOut:
    """Messages for judging the two heads."""

    intents: list[HeldOutRow]
    sentiments: list[HeldOutRow]


def read_held_out(folder: Path) -> HeldOut | None:
    """All messages of the folder's `*.yml` files that have a list `nlu` or `sentiment`; None without such a folder.

    Raises:
        HeldOutError: a file is not what it should be.
    """
    if not folder.is_dir():
        return None
    rows = HeldOut([], [])
    for file in sorted(folder.glob("*.yml")):
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            rows.intents.extend(_rows(content, "nlu", "intent"))
            rows.sentiments.extend(_rows(content, "sentiment", "label"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise HeldOutError(f"{file}: unreadable: {' '.join(str(error).split())}") from None
        except (AttributeError, KeyError, TypeError):
            raise HeldOutError(f"{file}: a block needs its label and `examples`, lines of `- text`") from None
    return rows


def _rows(content: Any, top: str, key: str) -> list[HeldOutRow]:
    return [
        HeldOutRow(line.removeprefix("- ").strip(), block[key])
        for block in content.get(top, [])
        for line in block["examples"].splitlines()
        if line.strip()
    ]
