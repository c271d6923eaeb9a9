"""The held-out messages as labelled rows."""

import unicodedata
from pathlib import Path

from nlu_models.report.held_out import HELD_OUT, HeldOut, HeldOutRow, read_held_out


def intent_rows(folder: Path = HELD_OUT) -> list[HeldOutRow]:
    """Messages with their intents, file by file."""
    return _read(folder).intents


def sentiment_rows() -> list[HeldOutRow]:
    """Messages with their sentiments."""
    return _read(HELD_OUT).sentiments


def same_message(text: str) -> str:
    """What two messages share that differ only in case, punctuation and spaces."""
    # Pictures are kept: a message may be nothing else.
    kept = "".join(
        letter if letter.isalnum() or unicodedata.category(letter) == "So" else " "
        for letter in text.casefold()
    )
    return " ".join(kept.split())


def _read(folder: Path) -> HeldOut:
    found = read_held_out(folder)
    assert found is not None, f"{folder} is missing"
    return found
