"""Changes to an utterance that leave its meaning: what hurried thumbs and dictation do."""

import random
import re
import string
from collections.abc import Callable

_NEIGHBOURS = {
    letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for place, letter in enumerate(row)
}


def augment(text: str, chance: random.Random) -> str:
    """`text` with one or two changes; numbers get other digits, so that none is learnt by heart."""
    text = re.sub(r"\d", lambda _: chance.choice(string.digits), text) if chance.random() < 0.5 else text
    changes: list[Callable[[str, random.Random], str]] = [_typo, _typo, _case, _without_punctuation]
    for change in chance.sample(changes, k=chance.choice((1, 1, 2))):
        text = change(text, chance)
    return text


# What people write between two wishes.
_BETWEEN = (
    ". ",
    ". ",
    ". Also ",
    ". And ",
    "? ",
    " and also ",
    ", and ",
    " and ",
    " plus ",
    ", ",
    " - ",
    "\n",
    " oh and ",
)


def join(first: str, second: str, chance: random.Random) -> str:
    """Two utterances as one message."""
    if first.rstrip()[-1:] in ".?!":
        return f"{first.rstrip()} {chance.choice(('', '', 'Also ', 'And '))}{second}"
    return f"{first}{chance.choice(_BETWEEN)}{second}"


def _typo(text: str, chance: random.Random) -> str:
    """One slip in one word of four letters or more: two letters swapped, one lost, doubled or missed."""
    words = [match.span() for match in re.finditer(r"[A-Za-z]{4,}", text)]
    if not words:
        return text
    start, end = chance.choice(words)
    place = chance.randrange(start + 1, end - 1)
    letter, following = text[place], text[place + 1]
    slip = chance.choice(
        (
            following + letter,
            following,
            letter + letter + following,
            (chance.choice(_NEIGHBOURS[letter.lower()]) + following),
        )
    )
    return text[:place] + slip + text[place + 2 :]


def _case(text: str, chance: random.Random) -> str:
    return chance.choice((text.lower(), text.upper(), text.capitalize()))


def _without_punctuation(text: str, _chance: random.Random) -> str:
    return re.sub(r"[.,!?;:'’]+(?=\s|$)|(?<=\w)['’](?=\w)", "", text) or text
