"""Personal data in text that leaves the conversation (logs, reports) is masked."""

import re

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Passwords and keys in URLs (`redis://:secret@host`), in headers and in settings.
    (re.compile(r"(?<=://)[^\s/@]*:[^\s/@]+(?=@)"), "[secret]"),
    (re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}"), "[secret]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])"), "[card]"),
    (
        re.compile(
            r"(?<![\w.:-])(?:\+\d{1,3}[ -]?)?(?:\(\d{2,5}\)[ -]?)?\d{3,5}[ -]\d{3,4}(?:[ -]\d{3,4})?(?![\w:-])"
        ),
        "[phone]",
    ),
    (re.compile(r"(?<![\w.:-])\+\d{9,14}(?![\w:-])"), "[phone]"),
    # As the British write them: 07700 900123, 0113 4960000, 07700900123.
    (re.compile(r"(?<![\w.:-])0\d{2,4}[ -]?\d{6,7}(?![\w:-])"), "[phone]"),
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
        text = pattern.sub(word, text)
    return text
