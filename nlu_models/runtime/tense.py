"""Whether a message speaks of what was or of what will be, at the place of a date.

"It arrived on Friday" means the last one, "deliver it on Friday" the next.
"""

import re
from typing import Literal

Tense = Literal["past", "future"]

_PAST = frozenset(
    [
        "was",
        "were",
        "wasn",
        "weren",
        "had",
        "hadn",
        "did",
        "didn",
        "got",
        "came",
        "bought",
        "paid",
        "sent",
        "took",
        "broke",
        "said",
        "spoke",
        "told",
        "rang",
        "went",
        "made",
        "left",
        "gave",
        "found",
        "saw",
        "began",
        "lost",
        "put",
        "since",
        "ago",
        "chose",
        "wrote",
        "heard",
        "thought",
        "ended",
        "meant",
        "supposed",
        "been",
    ]
)
_FUTURE = frozenset(
    [
        "will",
        "ll",
        "won",
        "wont",
        "shall",
        "can",
        "could",
        "would",
        "need",
        "needs",
        "want",
        "wants",
        "gonna",
        "going",
        "please",
        "pls",
        "plz",
        "hoping",
        "coming",
        "arriving",
        "deliver",
        "change",
        "move",
        "rearrange",
        "reschedule",
        "book",
        "schedule",
        "leaving",
        "away",
    ]
)
_WEAK_FUTURE = frozenset(
    ["by", "until", "till", "before", "due", "expected", "arrives", "arrive", "comes", "come", "be", "for"]
)
_NO_PAST = frozenset(["need", "speed", "feed", "indeed", "red", "bed", "shed", "expected", "delayed", "used"])
_BOUNDARY = re.compile(r"[.!?;]")
_PARTICIPLE_AFTER = frozenset(["be", "get", "gets", "is", "are", "it", "them", "this", "that", "being"])
_OF_A_THING_BOUGHT = re.compile(
    r"\b(?:order|orders|parcel|delivery|purchase|receipt|invoice|email|payment|kettle|one) (?:from|of|on)(?: the)? $"
)
# "For Christmas" lies ahead even in "has he bought anything for Christmas"; "was meant to be here by" does not.
_AIM = re.compile(r"(?:\S+ ){0,8}(?:by|until|till|before|for)(?: the)? $")
_MISSED = frozenset(["was", "were", "have", "had", "supposed", "meant", "needed", "promised", "told", "said"])
#: Words on either side of the date that are looked at, and the characters that hold them.
_REACH = 12
_REACH_CHARACTERS = 200


def tense_at(text: str, start: int, end: int) -> Tense | None:
    """The tense at `text[start:end]`, a date; None when nothing tells.

    Args:
        text: small letters, words divided by single spaces.
    """
    before = _BOUNDARY.split(text[max(0, start - _REACH_CHARACTERS) : start])[-1]
    after = _BOUNDARY.split(text[end : end + _REACH_CHARACTERS])[0]
    if _OF_A_THING_BOUGHT.search(before):
        return "past"
    aim = _AIM.search(before)
    if aim and not _MISSED & set(aim.group().split()[:-1]):
        return "future"
    left, right = before.split()[-_REACH:], after.split()[:_REACH]
    # The nearest verb before the date says most, then the nearest after it, then prepositions.
    for words, places in ((left, range(len(left) - 1, -1, -1)), (right, range(len(right)))):
        for place in places:
            tense = _tense_of(words, place)
            if tense:
                return tense
    return "future" if _WEAK_FUTURE & {*left, *right[:3]} else None


def _tense_of(words: list[str], place: int) -> Tense | None:
    word = words[place]
    if word in _PAST:
        return "past"
    if word in _FUTURE:
        # "I couldn't", "would have been" look back; "could it have come" does too.
        return "past" if "have" in words[place + 1 : place + 4] else "future"
    if word.endswith("ed") and len(word) > 4 and word not in _NO_PAST:
        lead = words[max(0, place - 3) : place]
        if lead and lead[-1] in _PARTICIPLE_AFTER and (_FUTURE | {"be", "get", "is", "are"}) & set(lead):
            return None
        return "past"
    return None
