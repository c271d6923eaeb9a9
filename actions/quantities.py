"""How many of something: "two", "one more", "3 instead of 1"."""

import re

NUMBER_WORDS = {
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"nine": 9, "ten": 10},
}
_NUMBER = rf"(\d{{1,2}}|{'|'.join(NUMBER_WORDS)})"
_NOT_A_QUANTITY = re.compile(
    rf"rp-?\s?\d+|#\d+|£\s?[\d.,]+|\d+[/.]\d+|\d+(st|nd|rd|th)\b|instead of (just |only )?(a|the)? ?{_NUMBER}?|not {_NUMBER}\b"
    r"|\b(one|a|two) (moments?|mo|secs?|seconds?|mins?|minutes?|ticks?|questions?|things?|more thing)\b"
    r"|\b(this|that|which|the|first|second|last|other|wrong|right|only) one\b(?! more)",
    re.I,
)
_MORE = re.compile(
    rf"\b{_NUMBER} (more|extra|additional)\b|\b(another|an extra|an additional) ?{_NUMBER}?\b", re.I
)
_FEWER = re.compile(rf"\b{_NUMBER} (less|fewer)\b", re.I)
_CUE = re.compile(
    rf"\b(make (it|that|them)|only|just|quantity( of)?|to|need|want|have|order|reduce it to|up to|down to|be) {_NUMBER}\b"
    rf"|\b{_NUMBER} (of (them|those|these|the|it)|pieces?|instead)\b|\b{_NUMBER} x\b|\bx ?{_NUMBER}\b",
    re.I,
)
_LONGEST_ANSWER = 5  # words: in a longer message a number by itself is about something else
_ANY = re.compile(rf"\b{_NUMBER}\b", re.I)


def quantity_meant(text: str, present: int, *, asked: bool) -> int | None:
    """The new quantity that the words ask for, from 0 to 99; None without one.

    Args:
        present: how many it is now, for "one more".
        asked: it was asked for, so that a bare number is an answer.
    """
    words = _NOT_A_QUANTITY.sub(
        lambda no: "instead " if no.group().startswith("instead") else " ", text.lower()
    )
    if re.search(r"\b(none|zero)\b", words) and asked:
        return 0
    if match := _MORE.search(words):
        return present + _value(match[1] or match[4] or "one")
    if match := _FEWER.search(words):
        return max(0, present - _value(match[1]))
    if re.search(r"\bdouble\b", words):
        return present * 2
    places = [match.group() for match in _CUE.finditer(words)] or [words] * (
        asked and len(words.split()) <= _LONGEST_ANSWER
    )
    found = {_value(number[1]) for place in places for number in _ANY.finditer(place)}
    return found.pop() if len(found) == 1 else None


def _value(number: str) -> int:
    return NUMBER_WORDS.get(number) or int(number)
