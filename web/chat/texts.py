"""What a customer typed, made fit to be kept: text is always text, never markup and never a command."""

import unicodedata
from typing import Any

from common.problems import Problem

MAX_CHARACTERS = 4000
_KEPT_CONTROLS = "\n\t"


def clean(text: str) -> str:
    """`text` without control characters (newline and tab stay) and without unpaired surrogates.

    Raises:
        Problem: 422 when nothing readable is left, 413 when more than 4,000 characters are.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in ("Cc", "Cs"))
    kept = kept.strip()
    if not any(unicodedata.category(c) != "Cf" and not c.isspace() for c in kept):
        raise Problem(422, "empty-message", "There is nothing to read in this message. Write a few words.")
    if len(kept) > MAX_CHARACTERS:
        raise Problem(
            413,
            "message-too-long",
            f"This message has {len(kept):,} characters; up to {MAX_CHARACTERS:,} can be read at once. "
            "Shorten it or send it in parts.",
            limit=MAX_CHARACTERS,
        )
    return kept


def storable(value: Any) -> Any:
    """A JSON value that PostgreSQL can keep: strings lose NUL and unpaired surrogates."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value
