"""How far accuracy holds when messages are typed worse, louder or more politely, with the same wish."""

import random
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nlu_models.evaluation import Labelled

#: Nothing but a courtesy: one more makes another message of them.
COURTESIES = frozenset({"greet", "goodbye", "thank"})

#: One slip for so many words, and one at least.
WORDS_PER_SLIP = 6

# Pictures without a meaning of their own: a thumb would be a yes.
_PICTURES = ("🙂", "😅", "📦", "✨")
_COURTEOUS = (
    ("Hello, ", ""),
    ("", " Thank you."),
    ("Hi there, I hope you're well. ", " Many thanks!"),
    ("Sorry to bother you, ", ", please"),
    ("Good morning. ", " Thanks in advance."),
)
_WORD = re.compile(r"[A-Za-z]{4,}")
_APOSTROPHES = "'’"


@dataclass(frozen=True)
class Robustness:
    """What one change of the messages costs.

    Attributes:
        change: its name in `CHANGES`.
        messages: how many messages it was tried on.
        unchanged: the share of these that is understood as they were written.
        changed: the share that is understood after the change.
    """

    change: str
    messages: int
    unchanged: float
    changed: float


def measure_robustness(rows: Iterable[Labelled], intent_of: Callable[[str], str]) -> list[Robustness]:
    """Accuracy of `intent_of` under each change, beside that on the same messages unchanged.

    A message that a change leaves as it is (no punctuation to remove) is not counted for that change. The same
    messages are changed alike each time.

    Args:
        intent_of: the intent that the model gives to a text.
    """
    rows = list(rows)
    right = [intent_of(row.text) == row.label for row in rows]
    found = []
    for name, change in CHANGES.items():
        tried = [
            (text, row.label, before)
            for row, before in zip(rows, right, strict=True)
            if (text := change(row.text)) != row.text and not (name in _ADDING and row.label in COURTESIES)
        ]
        found.append(
            Robustness(
                change=name,
                messages=len(tried),
                unchanged=_share([before for _, _, before in tried]),
                changed=_share([intent_of(text) == label for text, label, _ in tried]),
            )
        )
    return found


def with_typos(text: str) -> str:
    """`text` with slips of the thumb in words of four letters or more, a slip for every six words."""
    chance = random.Random(text)
    words = [match.span() for match in _WORD.finditer(text)]
    slips = min(len(words), 1 + len(text.split()) // WORDS_PER_SLIP)
    for start, end in sorted(chance.sample(words, slips), reverse=True):
        text = text[:start] + _slip(text[start:end], chance) + text[end:]
    return text


def with_pictures(text: str) -> str:
    """`text` followed by one or two emoji."""
    chance = random.Random(text)
    return f"{text} {''.join(chance.sample(_PICTURES, chance.choice((1, 2))))}"


def with_manners(text: str) -> str:
    """`text` with a greeting, a please or thanks around it."""
    before, after = random.Random(text).choice(_COURTEOUS)
    end = "." if after.startswith(" ") and text[-1:].isalnum() else ""
    return f"{before}{text}{end}{after}"


def without_punctuation(text: str) -> str:
    """`text` without marks, as dictation leaves it; joined digits, ids and addresses stay whole."""
    marks = (
        " " if _is_mark(letter) and not _within_a_word(text, place) else letter
        for place, letter in enumerate(text)
        if letter not in _APOSTROPHES
    )
    return " ".join("".join(marks).split())


CHANGES: dict[str, Callable[[str], str]] = {
    "typos": with_typos,
    "upper case": str.upper,
    "lower case": str.lower,
    "emoji": with_pictures,
    "politeness": with_manners,
    "no punctuation": without_punctuation,
}
_ADDING = {"emoji", "politeness"}


def _slip(word: str, chance: random.Random) -> str:
    """`word` with two inner letters swapped, one left out or one doubled."""
    place = chance.randrange(1, len(word) - 2)
    first, second = word[place], word[place + 1]
    slip = chance.choice((second + first, second, first + first + second))
    return word[:place] + slip + word[place + 2 :]


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P")


def _within_a_word(text: str, place: int) -> bool:
    return 0 < place < len(text) - 1 and text[place - 1].isalnum() and text[place + 1].isalnum()


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")
