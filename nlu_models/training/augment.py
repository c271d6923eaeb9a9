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


# Courtesies before and after a wish; they change neither wish nor scope.
_OPENERS = (
    "hi, ",
    "Hi ",
    "hello ",
    "Hello there, ",
    "hey ",
    "hiya ",
    "Good afternoon, ",
    "Good evening. ",
    "morning, ",
    "excuse me, ",
    "sorry but ",
    "Sorry to be a pain. ",
    "please ",
    "Hope you are all ok. ",
    "Quick one: ",
    "Dear team, ",
)
_CLOSERS = (
    " please",
    " pls",
    " thanks",
    " ta",
    ", thank you",
    " cheers",
    ". Thanks a lot",
    ". Kind regards",
    " thx x",
    ". Much appreciated",
    " if you don't mind",
    ". Thank you so much for your help.",
)
_PICTURES = ("🙂", "😊", "😀", "🙏", "😅", "📦", "✨", "🤔", "😉", "😬", "🏠", "🤷", "👀", "🎁")


def augment(text: str, chance: random.Random) -> str:
    """`text` as it might have been typed; numbers get other digits, so that none is learnt by heart."""
    text = re.sub(r"\d", lambda _: chance.choice(string.digits), text) if chance.random() < 0.5 else text
    changes: list[Callable[[str, random.Random], str]] = [_typos, _typos, _case, _without_punctuation]
    for change in chance.sample(changes, k=chance.choice((1, 1, 2))):
        text = change(text, chance)
    return text


def decorate(text: str, chance: random.Random) -> str:
    """A wish with courtesies or a picture around it."""
    opener = chance.choice(_OPENERS) if chance.random() < 0.6 else ""
    closer = chance.choice(_CLOSERS) if chance.random() < 0.5 else ""
    picture = f" {chance.choice(_PICTURES)}" if chance.random() < 0.4 else ""
    return f"{opener}{text}{closer}{picture}"


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


def _typos(text: str, chance: random.Random) -> str:
    """A slip, and about one more for each eight words."""
    for _ in range(1 + round(chance.random() * len(text.split()) / 4)):
        text = _typo(text, chance)
    return text


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
