"""Other names in the same sentences: who has seen few customers must not learn their names by heart."""

import random
from pathlib import Path

from nlu_models.runtime import places
from nlu_models.training.ner import Marked, Span

_FOLDER = Path(places.__file__).parent
_GIVEN = (_FOLDER / "given_names.txt").read_text(encoding="utf-8").split()
_PLACES = sorted(places.NAMES)
_SURNAME_PARTS = (
    "ash bar bell black brad brook cal clark cross dal dun east fair far flet ford gar gold green hal har hart hol"
    " hunt kir lang lin mar mor nash nor oak okon ox pad parr pat pet ram red ros sand shaw stan thorn wal wat wes wil",
    "adze berg by combe croft den don dorf er ett field ham hurst ington kowski ley low man mont ova owa per ridge"
    " sen shaw sky smith son stone ter ton vale ville ward wick wood worth",
)


def renamed(row: Marked, chance: random.Random) -> Marked:
    """The row with other persons and places, written in the manner of those that they replace."""
    text, spans, done = "", [], 0
    for span in sorted(row.spans, key=lambda marked: marked.start):
        old = row.text[span.start : span.end]
        new = _other(old, span.label, chance)
        text += row.text[done : span.start]
        spans.append(Span(len(text), len(text) + len(new), span.label))
        text += new
        done = span.end
    return Marked(text + row.text[done:], tuple(spans), row.asked)


def _other(old: str, label: str, chance: random.Random) -> str:
    if label == "place":
        new = chance.choice(_PLACES).title()
    elif label == "person":
        new = chance.choice(_GIVEN).capitalize()
        if " " in old:
            new += " " + _surname(chance)
    else:
        return old
    return new.lower() if old.islower() else new.upper() if old.isupper() else new


def _surname(chance: random.Random) -> str:
    heads, tails = (part.split() for part in _SURNAME_PARTS)
    return (chance.choice(heads) + chance.choice(tails)).capitalize()
