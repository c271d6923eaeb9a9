"""Which part of a message belongs to which of its wishes."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nlu_models.runtime.clauses import clauses

#: Ways to one and the same end: who has named one of them wants no second thing with the other.
ONE_END = (
    {"return_item", "get_refund", "report_defect"},
    {"cancel_order", "get_refund"},
)
#: The words by which a clause about an order shows its wish; the first that fits counts.
_SHOWS = {
    wish: re.compile(words, re.I)
    for wish, words in (
        ("cancel_order", r"\b(cancel\w*|call (it|that|this)? ?off|stop (the|my|that) order)\b"),
        ("change_shipping_address", r"\baddress\b|\bdeliver\w* (it )?to\b"),
        ("get_invoice", r"\b(invoice|receipt|vat)\b"),
        ("check_invoice", r"\b(invoice|receipt|bill)\b"),
        ("warranty", r"\b(warrant\w*|guarantee)\b"),
        ("track_refund", r"\bwhere\w*\b.*\brefund\b|\brefund\b.*\b(where|status|come|arriv\w*|yet)\b"),
        ("get_refund", r"\b(refund\w*|money back)\b"),
        ("return_item", r"\b(return\w*|exchange|(send|give|bring)\b.*\bback)\b"),
        ("report_defect", r"\b(broke\w*|fault\w*|defect\w*|crack\w*|damaged|smashed|dead|stopped working)\b"),
        ("track_order", r"\b(where\w*|track\w*|status|arriv\w*|get here|got to|when (is|will|does))\b"),
        ("change_order", r"\b(change|swap|add|another day|later day|take .* out)\b"),
        ("payment_issue", r"\b(pay|paid|payment)\b"),
    )
}
#: A clause that asks for something; what has happened ("I returned it") does not begin like this.
_ASKS = re.compile(
    r"""\W*((hi|hello|hey|ok|okay|so|first|firstly|please|pls|can|could|would|will|you|i|we|want|need|like|love|to|i'?d|just
        |also|and|then)\b\W*)*
        (where|when|what|which|who|how|why|is|are|do|does|has|have|track|cancel|stop|return|send|give|bring|exchange|refund
        |change|swap|add|tell|show|get|e-?mail|invoice|status)('?s|'?re)?\b""",
    re.I | re.X,
)
#: What only says more of a wish, though it may sound like one of its own.
_SAYS_MORE = {"track_order": {"delivery_period", "stock_availability", "product_question"}}
_LOOKED_FOR = re.compile(r"\bwhere\b.*\b(parcel|package|order|delivery|box|stuff|things)\b", re.I)
_POINTS_BACK = re.compile(r"\b(it|that|this|them|those|one)\b", re.I)
_PUTS_RIGHT = re.compile(r"\b(no|sorry|wait|oops|actually|rather|instead|mean|meant|correction)\b", re.I)


@dataclass(frozen=True)
class Part:
    """Characters `start` to `end` of a message, which say what `wish` is about."""

    wish: str
    start: int
    end: int


@dataclass(frozen=True)
class Named:
    """A value in a message and the place where it begins; None for one that a button brought along."""

    value: str
    start: int | None


def same_end(wish: str) -> set[str]:
    """The wish, and those that lead to the same end."""
    return {wish}.union(*(ways for ways in ONE_END if wish in ways))


def parts(text: str, wishes: Sequence[str]) -> list[Part]:
    """The part of each of the wishes, in their order; what says nothing of its own goes with the wish before it."""
    spans = clauses(text)
    if len(spans) < len(wishes):
        spans = [match.span() for match in re.finditer(r"[^,;]+", text)] or [(0, len(text))]
    starts: list[int] = []
    place = 0
    for number, wish in enumerate(wishes):
        last = len(spans) - (len(wishes) - number)  # each wish after it needs a clause, too
        free = range(place, max(last, place) + 1)
        words = _SHOWS.get(wish)
        shown = [at for at in free if at < len(spans) and words and words.search(text[slice(*spans[at])])]
        place = shown[0] if shown else min(place, len(spans) - 1)
        starts.append(spans[place][0] if starts else 0)
        place += 1
    return [
        Part(wish, start, end)
        for wish, start, end in zip(wishes, starts, [*starts[1:], len(text)], strict=True)
    ]


def shows(text: str, wish: str) -> bool:
    """Whether the words themselves say the wish, of those that are about an order."""
    words = _SHOWS.get(wish)
    return words is not None and words.search(text) is not None


def has_words(wish: str) -> bool:
    """Whether there are words by which this wish is told, for `shows`."""
    return wish in _SHOWS


def asks(text: str) -> bool:
    """Whether it begins as a question or a request does, rather than telling something."""
    return _ASKS.match(text) is not None


def wishes_shown(text: str, understood: str, numbers: Sequence[Named]) -> list[str]:
    """The wishes of a message with several order numbers, by the words of the clauses in which they stand.

    Empty unless they are several and the one that was understood is among them: a clause beside a clear one is easily
    missed, and its number must not be taken for that of the other.
    """
    shown: list[str] = []
    for start, end in clauses(text):
        if any(number.start is not None and start <= number.start < end for number in numbers):
            wish = next((wish for wish, words in _SHOWS.items() if words.search(text[start:end])), None)
            if wish is not None and wish not in shown:
                shown.append(wish)
    return shown if len(shown) > 1 and understood in shown else []


def wish_besides(text: str, understood: str, numbers: Sequence[Named], known: Collection[str]) -> list[str]:
    """The wish of the clause with the order number and the one that was understood, when they are two; else empty.

    Of a complaint it need not have a number: who asks where a parcel is, in whatever words, wants the parcel.

    Args:
        known: the wishes that can be served.
    """
    spans = clauses(text)
    for place, (start, end) in enumerate(spans):
        wish = next((wish for wish, words in _SHOWS.items() if words.search(text[start:end])), None)
        numbered = any(n.start is not None and start <= n.start < end for n in numbers)
        looked_for = understood == "complaint" and _LOOKED_FOR.search(text[start:end]) is not None
        asked = (numbered or looked_for) and asks(text[start:end])
        if wish is None or not asked or understood in same_end(wish) | _SAYS_MORE.get(wish, set()):
            continue
        others = [text[slice(*span)] for span in spans if span != (start, end)]
        if understood == "complaint" or (understood in known and any(map(asks, others))):
            return [understood, wish] if place and understood != "complaint" else [wish, understood]
    return []


def of_part(named: Sequence[Named], wish: str, divided: Sequence[Part], text: str) -> list[str]:
    """The values that belong to a wish: of its own part, else of the part before when it points back there."""
    own = next((part for part in divided if part.wish == wish), None)
    if own is None:
        return [each.value for each in named]
    inside = [n.value for n in named if n.start is None or own.start <= n.start < own.end]
    if inside or not _POINTS_BACK.search(text[own.start : own.end]):
        return inside
    return [n.value for n in named if n.start is not None and n.start < own.start][-1:]


def number_meant(values: Sequence[str], text: str) -> str:
    """Which of several order numbers comes first: the last one if it puts the one before right."""
    return values[-1] if _PUTS_RIGHT.search(text) else values[0]


def other_of_two(served: str, wishes: Sequence[str], known: Collection[str]) -> str | None:
    """The next wish of a message with several when `served` is done."""
    same = same_end(served)
    left = [wish for wish in dict.fromkeys(wishes) if wish not in same and wish in known]
    return left[0] if left else None
