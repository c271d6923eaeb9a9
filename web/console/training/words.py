"""What trainers read in the place of names, numbers and codes."""

import re
from functools import cache
from pathlib import Path

from web.console.kit.chips import Tone
from web.console.words import humanised
from web.training.shapes import Reason

_INTENTS = Path(__file__).resolve().parents[3] / "docs" / "intents.md"
_ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \| (.+) \|$", re.MULTILINE)

REASONS: dict[Reason, str] = {
    Reason.MARKED: "Marked by an agent",
    Reason.OBJECTED: "The customer said it was misread",
    Reason.OUT_OF_SCOPE: "Out of scope",
    Reason.CLOSE: "Two intents were close",
    Reason.UNSURE: "Unsure",
}
REASON_TONES: dict[Reason, Tone] = {
    Reason.MARKED: "bad",
    Reason.OBJECTED: "bad",
    Reason.OUT_OF_SCOPE: "plain",
    Reason.CLOSE: "accent",
    Reason.UNSURE: "warn",
}


@cache
def meanings() -> dict[str, str]:
    """What each intent means, in one line, from the page that draws the lines between them."""
    try:
        text = _INTENTS.read_text(encoding="utf-8")
    except OSError:
        return {}
    return {
        name.strip("` "): meaning.replace("*", "").replace("`", "").strip()
        for names, meaning in _ROW.findall(text)
        for name in names.split(",")
    }


def percent(share: float) -> str:
    return f"{share:.0%}"


def counted(number: int, one: str, more: str = "") -> str:
    """`1 message`, `2 messages`; `more` for a plural that does not just end in s."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def understood(intent: str, confidence: float) -> str:
    """How a message was read, and how surely."""
    if intent == "out_of_scope":
        return f"Refused as out of scope; its likeliest intent was {percent(confidence)} sure."
    return f"Understood as {humanised(intent).lower()}, {percent(confidence)} sure."


def located(path: str, line: int) -> str:
    """Where a fault lies; one that is of a whole folder, as "too few utterances", has no line."""
    return f"{path}, line {line}" if path.endswith(".yml") else path
