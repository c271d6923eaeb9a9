"""The words of dates, as a grammar can read them: misspelt, shortened and spelt-out ones in one form each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu_models.runtime.number_words import SMALL

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

#: Shortened weekdays that are everyday words as well: never read without a reason.
SHORT_DAYS = {"sat": "saturday", "sun": "sunday", "wed": "wednesday"}

_SHORT = {
    "mon": "monday",
    **dict.fromkeys(("tue", "tues"), "tuesday"),
    **dict.fromkeys(("weds", "wednes"), "wednesday"),
    **dict.fromkeys(("thu", "thur", "thurs"), "thursday"),
    "fri": "friday",
    **{month[:3]: month for month in MONTHS if month != "may"},
    "sept": "september",
    **dict.fromkeys(("tmrw", "tmr", "tmw", "tomoz", "2moro", "2morrow", "tomorro", "2mrw"), "tomorrow"),
    **dict.fromkeys(("yday", "yest", "ystrday", "yestday"), "yesterday"),
    **dict.fromkeys(("2day", "tday"), "today"),
    **dict.fromkeys(("2nite", "tonite"), "tonight"),
    **dict.fromkeys(("xmas", "crimbo", "chrimbo", "chrismas", "christmass", "xmass"), "christmas"),
    **dict.fromkeys(("wk", "wks", "weeks"), "week"),
    **dict.fromkeys(("days", "dys"), "day"),
    **dict.fromkeys(("mth", "mths", "months"), "month"),
    **dict.fromkeys(("yr", "yrs", "years"), "year"),
    **dict.fromkeys(("hr", "hrs", "hours"), "hour"),
    **dict.fromkeys(("min", "mins", "minutes"), "minute"),
    **dict.fromkeys(("nite", "nights"), "night"),
    **dict.fromkeys(("mornings", "mornin"), "morning"),
    **{f"{name}s": name for name in ("mother", "father", "valentine", "fortnight")},
    "weekends": "weekend",
}
#: A number in words keeps a sign of that: "may one" is no day.
_NUMBERS = {word: f"~{number}" for number, word in enumerate((*SMALL, "twenty")) if number} | {
    "thirty": "~30",
    "forty": "~40",
    "sixty": "~60",
    "ninety": "~90",
}
_TENTHS = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
#: Ordinals in words; only beside a month are they days ("the second one" is none).
ORDINAL_WORDS = {
    word: number
    for number, word in enumerate(
        f"first second third fourth fifth sixth seventh eighth ninth {_TENTHS} twentieth".split(), start=1
    )
} | {"thirtieth": 30}

# Long enough that a slip leaves them recognisable. A slip keeps the first letter: "remember" is no December.
_LONG = (*WEEKDAYS, *(month for month in MONTHS if len(month) > 5), "yesterday", "tomorrow", "fortnight")
_BY_LETTER = {letter: [word for word in _LONG if word[0] == letter] for letter in {word[0] for word in _LONG}}

_TOKEN = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}([/.-])\d{1,2}\1(?:\d{4}|\d{2})(?!\d)|\d{1,2}/\d{1,2}(?![\d/])"
    r"|\d+(?:st|nd|rd|th)\b|2mo?r\w+|2day|2nite|\d+(?:[.,:]\d+)*|[^\W\d_]+|[^\w\s]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Words:
    """A text in the grammar's forms, one space between words, and where each stood in the message."""

    text: str
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Characters of the message for characters `start` to `end` of `text`."""
        covered = [span for begin, span in zip(self.starts, self.spans, strict=True) if start <= begin < end]
        return covered[0][0], covered[-1][1]


def read_words(text: str) -> Words:
    """The message in the grammar's forms."""
    forms: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int]] = []
    length = 0
    for form, start, end in _forms(text):
        starts.append(length)
        spans.append((start, end))
        forms.append(form)
        length += len(form) + 1
    return Words(" ".join(forms), tuple(starts), tuple(spans))


def _forms(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _TOKEN.finditer(text):
        yield normal_form(match.group().lower()), match.start(), match.end()


@lru_cache(maxsize=10_000)
def normal_form(word: str) -> str:
    """`wensday` → `wednesday`, `weeks` → `week`, `three` → `~3`; other words as they are."""
    if word in _SHORT:
        return _SHORT[word]
    if word in _NUMBERS:
        return _NUMBERS[word]
    return _long_word(word) or word


def _long_word(word: str) -> str | None:
    if not 5 <= len(word) <= 12 or word in _LONG:
        return None
    # "On mondays" is no date.
    if word.removesuffix("s") in WEEKDAYS:
        return None
    found = process.extractOne(word, _BY_LETTER.get(word[0], ()), scorer=OSA.distance, score_cutoff=2)
    if found is None:
        return None
    name, slips, _place = found
    # A slip in a weekday leaves its end alone ("sundry" is none).
    if slips > (1 if len(name) < 7 else 2) or (name.endswith("day") and not re.search(r"d[ae]?y$", word)):
        return None
    return str(name)
