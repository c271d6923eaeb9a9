"""Towns, counties and countries that customers of a British shop name, and how such a name is told from a word."""

import re
from collections.abc import Iterator
from pathlib import Path

from nlu_models.runtime.people import is_common
from nlu_models.runtime.spans import Entity

#: Small letters, words divided by spaces.
NAMES = frozenset(
    name.replace("_", " ")
    for name in Path(__file__).with_name("places.txt").read_text(encoding="utf-8").split()
)
# Names that are words, given names or streets too: places only after a word of place.
_DOUBTFUL = frozenset(
    [
        "bath",
        "reading",
        "hull",
        "rugby",
        "sandwich",
        "wells",
        "deal",
        "ware",
        "bury",
        "lincoln",
        "chester",
        "derby",
        "kent",
        "jersey",
        "warwick",
        "windsor",
        "lancaster",
        "preston",
        "buxton",
        "corby",
        "ashford",
        "newark",
        "ayr",
        "frome",
        "hove",
        "perth",
        "stroud",
        "dover",
        "peru",
        "china",
        "turkey",
        "wells",
        "malta",
        "chad",
        "cork",
        "sydney",
        "florence",
        "essex",
        "york",
        "worthing",
        "ryde",
        "stoke",
        "barnet",
        "malvern",
        "crewe",
        "ludlow",
        "milan",
        "paris",
        "stirling",
        "livingston",
        "melbourne",
        "warsaw",
        "durham",
        "beverley",
        "bedford",
        "bolton",
        "stafford",
        "boston",
        "deal",
        "banff",
        "mold",
        "leek",
        "diss",
        "bude",
        "neath",
        "rhodes",
        "jordan",
        "washington",
        "stamford",
        "harrow",
        "henley",
        "cardigan",
        "greenwich",
        "merton",
        "stratford",
        "uk",
        "eu",
        "boston",
    ]
)
_LEAD = re.compile(
    r"\b(?:in|to|from|near|at|around|outside|leaving|reached|towards|between|of|via|north|south|east|west|live|moved|not|but|and|is"
    r"|town|city|centre|depot|branch|store|shop|hub|for|into|across)[ :]+(?:is |the |central |greater |north |south |east |west )?$",
    re.IGNORECASE,
)
#: Longer than any of these.
_LEAD_CHARACTERS = 40
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# "York Road", "a UK plug": part of an address or of a name.
_NOT_BEFORE = re.compile(
    r"""\s(?:road|rd|street|st|avenue|ave|lane|drive|close|way|terrace|crescent|gardens|chair|lamp|sofa|mug|rug|throw
    |plug|plugs|layout|keyboard|postcode|number|size|wall|breakfast|school)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_OUR_HOUSE_THERE = re.compile(
    r"\s(?:branch|shop|store|depot|warehouse|office|address|customers?)\b", re.IGNORECASE
)
_CLAUSE_END = re.compile(
    r"\s*(?:$|[.,!?;)]|(?:and|but|so|now|not|or|please|pls|by|on|for|area|delayed)\b)", re.IGNORECASE
)
_LONGEST = max(len(name.split()) for name in NAMES)


def find_places(text: str) -> Iterator[Entity]:
    """Places by name, the longest first; ambiguous ones only after "in", "to", "near" and the like."""
    words = list(_WORD.finditer(text))
    forms = [word.group().lower().replace("’", "'") for word in words]
    for count in range(min(_LONGEST, len(words)), 0, -1):
        for first in range(len(words) - count + 1):
            name = " ".join(forms[first : first + count])
            if name not in NAMES:
                continue
            start, end = words[first].start(), words[first + count - 1].end()
            if _NOT_BEFORE.match(text, end) or text[end : end + 1] in {"_", "@"}:
                continue
            if name in _DOUBTFUL and not _certain(text, start, end):
                continue
            written = text[start:end]
            value = written if any(letter.isupper() for letter in written) else _titled(written)
            yield Entity("place", value, start, end, "rules", 0.85)


def looks_like_a_place(text: str, start: int, end: int) -> bool:
    """Whether what a model calls a place can be one: a name with a capital after a word of place."""
    words = text[start:end]
    parts = words.split()
    return (
        any(part[0].isupper() for part in parts)
        and not words.isupper()
        and not re.search(r"[\d@#/_]", words)
        and not any(is_common(part) for part in parts)
        and _follows_a_lead(text, start)
    )


def _certain(text: str, start: int, end: int) -> bool:
    """Whether the words around a doubtful name make it a place."""
    capital = text[start].isupper() and not text.isupper()
    if not text[:start].strip() and not text[end:].strip(" .!?"):
        return capital
    if capital and _OUR_HOUSE_THERE.match(text, end):
        return True
    # In small letters "in reading" is doubtful even so: the end of a clause decides.
    return _follows_a_lead(text, start) and (capital or _CLAUSE_END.match(text, end) is not None)


def _follows_a_lead(text: str, start: int) -> bool:
    return _LEAD.search(text, max(0, start - _LEAD_CHARACTERS), start) is not None


def _titled(name: str) -> str:
    if name in {"uk", "usa", "eu"}:
        return name.upper()
    return " ".join(
        word if word in {"of", "the", "upon", "and"} and place else word[0].upper() + word[1:]
        for place, word in enumerate(name.split())
    )
