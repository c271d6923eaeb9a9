"""The held-out messages as labelled rows."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import yaml

HELD_OUT = Path(__file__).with_name("held_out")
FRESH = Path(__file__).with_name("held_out_fresh")


@dataclass(frozen=True)
class HeldOut:
    """A message for judging the model, with the name of its intent or of its sentiment."""

    text: str
    label: str
    file: str


def intent_rows(folder: Path = HELD_OUT) -> list[HeldOut]:
    """Messages with their intents, file by file."""
    return _rows(folder, "nlu", "intent")


def sentiment_rows() -> list[HeldOut]:
    """Messages with their sentiments."""
    return _rows(HELD_OUT, "sentiment", "label")


def same_message(text: str) -> str:
    """What two messages share that differ only in case, punctuation and spaces."""
    # Pictures are kept: a message may be nothing else.
    kept = "".join(
        letter if letter.isalnum() or unicodedata.category(letter) == "So" else " "
        for letter in text.casefold()
    )
    return " ".join(kept.split())


def _rows(folder: Path, top: str, key: str) -> list[HeldOut]:
    return [
        HeldOut(line.removeprefix("- "), block[key], file.name)
        for file in sorted(folder.glob("*.yml"))
        for block in yaml.safe_load(file.read_text(encoding="utf-8")).get(top, [])
        for line in block["examples"].splitlines()
    ]
