"""Dates in words and figures, and the days they mean.

A small grammar of our own. Measured on 300 of our utterances without a date and 25 phrases with one:
dateparser 1.5 (BSD) reads "£45" as 1945, "we" as Wednesday, "the day after tomorrow" as tomorrow and not
"christmas", "a couple of days ago" or "wensday"; parsedatetime 2.6 takes order ids for times of day, and its
last release is of 2020; timefhuman 0.1.5 knows no "last week", "12 Nov" or "in October" and puts the month
first. All three take "may", "sat" or "second" for dates, and none sees from the verb which Friday is meant.
"""

import re
from datetime import date

from nlu_models.runtime import date_meaning as means
from nlu_models.runtime.characters import plain
from nlu_models.runtime.date_meaning import Found
from nlu_models.runtime.date_words import MONTHS, ORDINAL_WORDS, SHORT_DAYS, WEEKDAYS, read_words
from nlu_models.runtime.days import FEASTS
from nlu_models.runtime.spans import Entity
from nlu_models.runtime.tense import tense_at

#: Longer texts are searched so far.
MAX_CHARACTERS = 2_000

_MONTH = f"(?P<month>{'|'.join(MONTHS)})"
# "May" and "march" are other words as well: months only beside a figure or after a preposition.
_SURE_MONTH = f"(?P<month>{'|'.join(month for month in MONTHS if month not in {'march', 'may'})})"
_SURE_DAY = f"(?P<weekday>{'|'.join(WEEKDAYS)})"
# "Sat", "sun" and "wed" are words too.
_SHORT_DAY = f"(?P<weekday>{'|'.join(SHORT_DAYS)})"
_ANY_DAY = f"(?P<weekday>{'|'.join((*WEEKDAYS, *SHORT_DAYS))})"
_LED_BY_DAY = f"(?:(?:{'|'.join((*WEEKDAYS, *SHORT_DAYS))})(?: ,)?(?: the)? )?"
_TIME = r"(?: (?:morning|afternoon|evening|night|lunchtime|teatime))?"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)"
_N = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:(?: ,)? (?P<year>20\d\d)| ['’] (?P<short>\d\d))?"
_UNIT = "(?P<unit>minute|hour|day|week|fortnight|month|year)"
_LONG_UNIT = "(?P<unit>day|week|fortnight|month|year)"
_COUNT = (
    r"(?:(?:about|around|nearly|almost|roughly|over|exactly|like|maybe) )?"
    r"(?:(?P<count>~?\d{1,4}|an?|(?:a )?couple(?: of)?)|(?:a )?few|several)"
)
_BEFORE_A_DAY = (
    "on|by|before|after|since|until|till|til|from|for|of|due|dated|between|and|to|around|about|was|arrived"
)
# "The 3rd" is a day before these, or at the end; before a noun it counts things.
_NO_THING = (
    r"(?=$| [^\w\s~]| (?:and|but|or|at|if|please|pls|plz|then|i|it|you|we|they|so|to|for|when|still|because|cos|now|of|not|no"
    r"|thanks|ta|is|was|will|as|that|with|my|in|instead|latest|maybe|works|would|should|can|after|before|until)\b)"
)
_RATED = r"(?! (?:stars?|price|inch|cups?|of|off|for|out|rating|on your|%|way|full|kg|cm|mm|size))"


def _spelt(feast: str) -> str:
    """`mother day`, with or without the `s` of "mother's day", "mothers day" and "mother s day"."""
    return feast.replace(" ", "(?: ?['’]? ?s)? ")


#: By precedence. A group `at` is all that the entity covers; without it that is the whole match.
_FORMS: tuple[tuple[str, means.Meaning], ...] = (
    # In figures.
    (r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)", means.iso),
    (
        r"(?P<first>\d{1,2})(?P<sign>[/.-])(?P<second>\d{1,2})(?P=sign)(?P<year>\d{4}|\d\d)",
        means.three_figures,
    ),
    (
        rf"\b(?:{_BEFORE_A_DAY}|{'|'.join(WEEKDAYS)}) (?:the )?(?P<at>(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}}))",
        means.two_figures,
    ),
    (
        rf"(?!24/7|\d/[2-68]\b|\d{{1,2}}/(?:5|10)\b)(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}}){_RATED}",
        means.two_figures,
    ),
    # A day of a month.
    (
        rf"(?:the )?(?P<first>\d{{1,2}})(?:st|nd|rd|th)? (?:-|–|to|and|or) (?:the )?(?P<last>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}",
        means.named_span,
    ),
    (rf"{_LED_BY_DAY}(?:the )?{_N}(?: of)? {_MONTH}{_YEAR}", means.named_day),
    (rf"{_LED_BY_DAY}(?:the )?(?P<ordinal>{'|'.join(ORDINAL_WORDS)}) of {_MONTH}{_YEAR}", means.named_day),
    (
        rf"{_LED_BY_DAY}{_MONTH} (?:the )?{_N}(?! (?:am|pm|%|items?|times|people|day|week|:))(?: of the month)?{_YEAR}",
        means.named_day,
    ),
    (rf"(?:{'|'.join((*WEEKDAYS, *SHORT_DAYS))})(?: ,)?(?: the)? {_NTH}", means.nth),
    # From today.
    (r"(?:the )?day after tomorrow", means.days_off(2)),
    (r"(?:the )?day before yesterday", means.days_off(-2)),
    (r"(?:a )?week (?:today|from today|from now)\b|today week", means.days_off(7)),
    (r"(?:a )?week (?:from )?tomorrow|tomorrow week", means.days_off(8)),
    (rf"(?P<which>last|next|this) week(?: on)? {_SURE_DAY}{_TIME}", means.weekday_of_week),
    (rf"{_SURE_DAY}{_TIME}(?: of)? (?P<which>last|next|this) week", means.weekday_of_week),
    (
        rf"a week on {_SURE_DAY}|{_SURE_DAY.replace('weekday', 'weekday2')} week(?! (?:ago|before))",
        means.weekday_and_week,
    ),
    (r"(?:the )?week before last", means.week_around(-2)),
    (r"(?:the )?week after next", means.week_around(2)),
    (
        r"(?:late |early )?yesterday(?: (?:morning|afternoon|evening|night|lunchtime|teatime))?|last night",
        means.days_off(-1),
    ),
    (rf"(?:first thing )?tomorrow{_TIME}", means.days_off(1)),
    (r"(?:earlier |later )?today\b|tonight|this (?:morning|afternoon|evening)", means.days_off(0)),
    # Feast days, the longest name first.
    *(
        (
            rf"(?:(?P<which>this|last|next) )?{_spelt(name)}\b(?! (?:tree|light|lights|jumper|card|cards|cracker|song|advert|temps))(?: (?P<year>20\d\d))?",
            means.feast(FEASTS[name]),
        )
        for name in sorted(FEASTS, key=len, reverse=True)
    ),
    # Weekdays.
    (
        rf"(?:the )?(?P<which>this coming|this|last|next|past|previous|coming) {_ANY_DAY}\b{_TIME}",
        means.weekday,
    ),
    (rf"\b{_SURE_DAY}\b{_TIME}", means.weekday),
    (
        rf"\b(?:on|by|until|till|til|since|from|for|come|came|arrived|delivered|ordered|bought|or|and) (?P<at>{_SHORT_DAY}\b{_TIME})(?=$| (?!lamp|lounger|hat|cream|nav|on|down|here))",
        means.weekday,
    ),
    (rf"^{_SHORT_DAY}\b{_TIME}(?=$| [^\w\s])", means.weekday),
    # So many units away.
    (rf"{_COUNT} {_UNIT} (?:ago|back|earlier)\b", means.ago),
    (rf"\bin {_COUNT} {_UNIT}(?: ?['’])?(?: time)?(?! of\b)\b", means.ahead),
    (rf"{_COUNT} {_UNIT} from (?:now|today)", means.ahead),
    (rf"(?:the )?(?:last|past) {_COUNT} {_LONG_UNIT}\b", means.lately),
    # Weeks, months and years.
    (
        r"(?:the )?(?P<edge>end|beginning|start) of (?P<which>the|this|last|next) (?P<unit>week|month|year)\b",
        means.edge,
    ),
    (
        rf"(?:(?:the )?(?P<part>end|beginning|start|middle) of |(?P<part2>early|mid|late) (?:- )?){_MONTH}",
        means.month,
    ),
    (rf"\b(?P<which>this|last|next) {_MONTH}", means.month),
    (r"\b(?P<which>last|this|next|coming|following) (?P<unit>week|weekend|month|year)\b", means.unit),
    (r"\b(?:the )?weekend\b(?! (?:delivery|deliveries|service|slot|hours))", means.weekend),
    (
        rf"\b(?:in|since|until|till|by|from|before|after|during) (?P<at>{_MONTH}(?: (?P<year>20\d\d))?)\b",
        means.month,
    ),
    (rf"\b{_SURE_MONTH}\b(?: (?P<year>20\d\d))?", means.month),
    (
        rf"\bthe {_NTH}{_NO_THING}|\b(?:{_BEFORE_A_DAY}) (?P<at>(?:the )?{_NTH.replace('day', 'day2', 1)}){_NO_THING}",
        means.nth,
    ),
    (
        r"\b(?:in|since|from|of|back in) (?P<at>(?P<year>(?:19|20)\d\d))(?= [^\w\s£$€%-]|$| (?!pounds?|quid|pieces?|of|w|watts?)[a-z])",
        means.year,
    ),
    # A time that no calendar knows: its words are its value.
    (r"\bthe other (?:day|week|night)\b|\ba while (?:ago|back)\b|\b(?:ages|long) ago\b", means.words),
    (r"\bthe next (?:few|couple of) (?:day|week)\b", means.words),
)
# Whole words alone.
_GRAMMAR = [(re.compile(rf"(?<!\S)(?:{form})(?!\S)"), meaning) for form, meaning in _FORMS]
_SIGN = re.compile(
    rf"\d[/.-]\d|\d(?:st|nd|rd|th)\b|\b(?:19|20)\d\d\b|\b(?:{'|'.join((*WEEKDAYS, *MONTHS, *SHORT_DAYS))}"
    rf"|minute|hour|day|week|weekend|fortnight|month|year|today|tomorrow|yesterday|tonight|night"
    r"|morning|afternoon|evening|christmas|easter|valentine|halloween|ago|back)\b"
)


def find_dates(text: str, today: date) -> list[Entity]:
    """Dates of a message, each with the ISO 8601 value that it has on `today`.

    A value is a day (`2026-11-27`), a span of days (`2026-11-09/2026-11-15`), a month (`2026-11`) or a year;
    the words themselves where no calendar can say ("a few days ago"). Durations ("for two weeks") are no dates.
    """
    words = read_words(plain(text[:MAX_CHARACTERS]))
    if not _SIGN.search(words.text):
        return []
    found: list[Entity] = []
    taken = bytearray(len(words.text))
    for form, meaning in _GRAMMAR:
        for match in form.finditer(words.text):
            start, end = match.span("at") if match.groupdict().get("at") else match.span()
            if any(taken[start:end]):
                continue
            value = meaning(Found(match, today, tense_at(words.text, start, end)))
            if value is None:
                continue
            taken[start:end] = b"\1" * (end - start)
            first, last = words.span(start, end)
            sure = 0.8 if value == means.AS_WRITTEN else 0.95
            found.append(Entity("date", value or text[first:last], first, last, "rules", sure))
    return sorted(found, key=lambda entity: entity.start)
