"""What a message names only to say that it is not meant: "not the kettle, the toaster", "don't cancel RP-100101"."""

import re

_DAYS = r"(mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow|yesterday"
#: "I did not the…" is no English, so that an article, a pointer, a number or a day after "not" denies a thing.
_DENIED = re.compile(
    rf"""\b(not\ ((the|my|that|this|those|these|a|an|on|from|order|number)\b|rp-?\ ?\d|\#?\d|£|({_DAYS}))
        |(do\ ?n.?t|do\ not|never)\ (cancel|return|refund|change|send)\ ((the|my|order|number)\b|rp-?\ ?\d|\#?\d))
        .*?(?=[,;.!?](\s|$)|\s-\s|\s+(but|rather|instead)\b|$)""",
    re.I | re.X,
)


def denied_spans(text: str) -> list[tuple[int, int]]:
    """Where in the text something is denied, as (start, end)."""
    return [match.span() for match in _DENIED.finditer(text)]


def without_denied(text: str) -> str:
    """The text without what it denies; all of it if nothing else would be left."""
    rest = _DENIED.sub(" ", text)
    return rest if re.search(r"\w", rest) else text
