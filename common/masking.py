"""Personal data in text that leaves the conversation (logs, reports) is masked."""

import re

# Pasted numbers hold no-break spaces and dashes; one for one, so that a place in the copy is one in the text.
_PLAIN = str.maketrans(
    dict.fromkeys("\u00a0\u2007\u2009\u202f\u200b\u2060\ufeff", " ")
    | dict.fromkeys("\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
)

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Passwords and keys in URLs (`redis://:secret@host`), in headers and in settings.
    (re.compile(r"(?<=://)[^\s/@:]*+:[^\s/@]++(?=@)"), "[secret]"),
    (re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}"), "[secret]"),
    # From the beginning of a run alone, and with what is glued to it: else a long one takes a second.
    (re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+(?:[.+@]+[\w-]+)*"), "[e-mail]"),
    # Two dates in a row have as many digits.
    (
        re.compile(
            r"(?<![\w-])(?!(?:(?:19|20)\d\d-[01]\d-[0-3]\d\b[ -]*+){2})\d(?:[ -]{0,2}\d){12,18}(?![\w-])"
        ),
        "[card]",
    ),
    (re.compile(r"(?<![\w.-])\d{4}(?:[ .-]{1,2}\d{4}){3}(?![\w-])"), "[card]"),
    (
        re.compile(
            r"(?<![\w.:-])(?:\+\d{1,3}[ -]{0,2})?(?:\(\d{2,5}\)[ -]{0,2})?"
            r"\d{3,5}[ -]{1,2}\d{3,4}(?:[ -]{1,2}\d{3,4})?(?![\w:-])"
        ),
        "[phone]",
    ),
    (re.compile(r"(?<![\w.:-])\+\d{9,14}(?![\w:-])"), "[phone]"),
    # With dots only what begins as a phone number does: 123.4567 is a measure.
    (re.compile(r"(?<![\w.:-])(?:\+\d{1,3}\.\d{2,5}|0\d{2,4})\.\d{3,4}\.?\d{3,4}(?![\w:-])"), "[phone]"),
    # As the British write them: 07700 900123, 0113 4960000, 07700900123, +44 7700 900123.
    (re.compile(r"(?<![\w.:-])(?:\+\d{1,3}[ -]{1,2}|0)\d{2,4}[ -]{0,2}\d{6,7}(?![\w:-])"), "[phone]"),
)

#: Log fields that may hold free text or identity of a person: never written as they are.
PERSONAL_FIELDS = frozenset(
    {
        "text",
        "message_text",
        "name",
        "first_name",
        "last_name",
        "email",
        "phone",
        "address",
        "birth_date",
        "token",
        "key",
    }
)


def mask(text: str) -> str:
    """Replace e-mail addresses, phone numbers, card numbers and secrets by a word in brackets."""
    for pattern, word in _PATTERNS:
        plain = text if text.isascii() else text.translate(_PLAIN)
        for match in reversed([*pattern.finditer(plain)]):
            text = text[: match.start()] + word + text[match.end() :]
    return text
