"""Names of people: from words that announce one, and a check of what the English model calls a person."""

import re
from collections.abc import Iterator
from pathlib import Path

from nlu_models.runtime.spans import Entity


def _words(file_name: str) -> frozenset[str]:
    return frozenset(Path(__file__).with_name(file_name).read_text(encoding="utf-8").split())


# Function words, and words that follow "I'm" and "this is" in support messages or that the small English
# model takes for names.
COMMON_WORDS = _words("common_words.txt")

#: Common given names, in small letters: what lets a lower-case "crystal minh" be a person.
GIVEN_NAMES = _words("given_names.txt")

_WORD = r"[^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_]))*"
_MY_NAME = re.compile(
    rf"\b(?:my|the|full)\s+name(?:['’]?s|\s+is|\s+was|\s*[:=])\s*(?:is\s+)?({_WORD}(?:\s+{_WORD}){{0,3}})|"
    rf"\bname\s*:\s*({_WORD}(?:\s+{_WORD}){{0,3}})",
    re.IGNORECASE,
)
_I_AM = re.compile(
    rf"\b(?:i['’]?m|i\s+am|this\s+is|it['’]?s)\s+({_WORD}(?:\s+{_WORD}){{0,2}})",
    re.IGNORECASE,
)
_LONE = re.compile(rf"\W*({_WORD}\s+{_WORD}(?:\s+{_WORD})?)\W*")
_TITLE = re.compile(r"(?:mr|mrs|ms|miss|mx|dr|prof)\.?", re.IGNORECASE)
_NAME_AHEAD = re.compile(r"name\b|\b(?:mr|mrs|ms|miss|mx|dr|prof)\b", re.IGNORECASE)
_ANY_WORD = re.compile(_WORD)
_NO_NAME_ENDING = re.compile(r"(?:ing|ed|ly|able|ful|less|ous|tion|ment)$", re.IGNORECASE)


def find_announced_names(text: str) -> Iterator[Entity]:
    """Names that an announcement gives away: "my name is crystal minh", "this is Joe"."""
    for match in _MY_NAME.finditer(text):
        group = 1 if match.group(1) else 2
        yield from _name(match.group(group), match.start(group), 0.95)
    for match in _I_AM.finditer(text):
        # In small letters what follows "I'm" could be any adjective, unless it is a known given name.
        first = match.group(1).split()[0]
        if (first[0].isupper() and not text.isupper()) or is_given_name(first):
            yield from _name(match.group(1), match.start(1), 0.85)


def find_lone_name(text: str) -> Iterator[Entity]:
    """A name that is all of the message, as the answer to "your full name?"."""
    match = _LONE.fullmatch(text)
    if match:
        words = match.group(1).split()
        if not any(is_common(word) for word in words) and (
            is_given_name(words[0]) or all(word[0].isupper() and word[1:].islower() for word in words)
        ):
            yield from _name(match.group(1), match.start(1), 0.7)


def is_common(word: str) -> bool:
    """Whether a word is no name in a support chat."""
    lowered = word.lower().replace("’", "'")
    if lowered in COMMON_WORDS or lowered.split("'")[0] in COMMON_WORDS:
        return True
    return not word[0].isupper() and len(word) > 4 and _NO_NAME_ENDING.search(lowered) is not None


def is_given_name(word: str) -> bool:
    """Whether a word, in any case, is a common given name."""
    return word.lower() in GIVEN_NAMES


def may_name_a_person(text: str) -> bool:
    """Whether the English model is worth asking: a capital letter, a given name or an announcement in `text`.

    What it calls a person in other messages is "ta ta", "helo" and their like.
    """
    return _NAME_AHEAD.search(text) is not None or any(
        is_given_name(word) or (word[0].isupper() and not is_common(word)) for word in _ANY_WORD.findall(text)
    )


def looks_like_a_person(words: str) -> bool:
    """Whether what the English model calls a person can be one: no digit, no everyday word."""
    parts = words.split()
    return not re.search(r"[\d@#/_]", words) and not any(is_common(part) for part in parts)


def _name(candidate: str, start: int, confidence: float) -> Iterator[Entity]:
    """The leading words of `candidate` that can be a name."""
    end = 0
    for match in re.finditer(r"\S+", candidate):
        if is_common(match.group()) and not _TITLE.fullmatch(match.group()):
            break
        end = match.end()
    if end:
        name = candidate[:end]
        value = name if any(letter.isupper() for letter in name) else _capitalised(name)
        yield Entity("person", value, start, start + end, "rules", confidence)


def _capitalised(name: str) -> str:
    return re.sub(r"(?<![^\W\d_'’])[^\W\d_]", lambda match: match.group().upper(), name)
