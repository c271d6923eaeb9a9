"""Personal data of a message: what must not leave the conversation as it is."""

import re
from collections.abc import Iterable, Iterator

from nlu_models.runtime.characters import plain
from nlu_models.runtime.identifiers import POSTCODE
from nlu_models.runtime.people import is_common
from nlu_models.runtime.spans import Entity, without_overlaps

#: Entities that say who somebody is or how to reach them or their money.
PERSONAL = frozenset(
    {"email", "phone", "card_number", "person", "iban", "bank_account", "postcode", "address"}
)

_IBAN = re.compile(
    r"\b[A-Z]{2}\d{2}(?:[ .-]{0,2}[A-Z0-9]{4}){2,7}(?:[ .-]{0,2}[A-Z0-9]{1,3})?\b", re.IGNORECASE
)
_NAMED_IBAN = re.compile(r"\biban\b[^\d\n]{0,12}$", re.IGNORECASE)
#: The shortest IBAN is the Norwegian one.
_IBAN_LENGTH = 15
# A sort code and an account number beside it, or either with its name before it.
_SORT_AND_ACCOUNT = re.compile(
    r"(?<![\w-])\d\d([ .-]{0,2})\d\d\1\d\d\b[\s,;/]{1,3}(?:(?:a/?c|acc(?:ount|t)?)\b[^\d\n]{0,20})?\d{4}[ .-]{0,2}\d{4}(?![\w-])",
    re.IGNORECASE,
)
_SORT_CODE = re.compile(
    r"\bsort[\s-]?code\b[^\d\n]{0,15}(\d\d[ .-]{0,2}\d\d[ .-]{0,2}\d\d)(?![\w-])", re.IGNORECASE
)
_ACCOUNT = re.compile(
    # In two groups it may be a span of years.
    r"\b(?:bank\s+)?(?:account|acct|acc|a/c)\s*(?:number|num|no|nr)?\b[^\d\n]{0,10}"
    r"(?!(?:19|20)\d\d[ .-]{1,2}(?:19|20)\d\d)(\d{4}[ .-]{0,2}\d{4})(?![\w-])",
    re.IGNORECASE,
)
_SURE_STREET = "street|road|rd|avenue|ave|lane|crescent|terrace|gardens"
_STREET = (
    f"{_SURE_STREET}|st|drive|close|way|court|place|grove|square|mews|hill|row|walk|park|green|rise|view"
)
_FLAT = r"(?:(?:flat|apartment|apt|unit|room)\s\w{1,4},?\s)?"
_ADDRESS = re.compile(
    rf"\b{_FLAT}\d{{1,4}}[A-Za-z]?,?\s((?:[^\W\d_][\w'’.-]*\s){{1,3}})({_STREET})\b", re.IGNORECASE
)


def find_bank_details(text: str) -> Iterator[Entity]:
    """IBANs, sort codes and account numbers; the value shows the last four alone."""
    text = plain(text)
    for match in _IBAN.finditer(text):
        start, end = match.span()
        written = _iban_within(match.group())
        if written or _NAMED_IBAN.search(text, max(0, start - 20), start):
            yield _hidden("iban", written or text[start:end], start)
    for match in _SORT_AND_ACCOUNT.finditer(text):
        yield _hidden("bank_account", match.group(), match.start())
    for pattern in (_SORT_CODE, _ACCOUNT):
        for match in pattern.finditer(text):
            yield _hidden("bank_account", match.group(1), match.start(1))


def find_addresses(text: str) -> Iterator[Entity]:
    """Postcodes and street addresses of the British form."""
    written, text = text, plain(text)
    for match in POSTCODE.finditer(text):
        value = re.sub(r"\s*(\d[A-Z]{2})$", r" \1", match.group().upper())
        yield Entity("postcode", value, match.start(), match.end(), "rules", 0.9)
    for match in _ADDRESS.finditer(text):
        name, kind = written[match.start(1) : match.end(1)].split(), match.group(2).lower()
        # In small letters "2 on the way" looks like a street too.
        named = all(word[0].isupper() for word in name)
        if named or (re.fullmatch(_SURE_STREET, kind) and not any(is_common(word) for word in name)):
            value = written[match.start() : match.end()]
            yield Entity("address", value, match.start(), match.end(), "rules", 0.8)


def personal_spans(text: str, entities: Iterable[Entity]) -> list[Entity]:
    """What is personal in `text`: of the entities found in it, and what only counts as such here."""
    known = [entity for entity in entities if entity.entity in PERSONAL]
    return without_overlaps([*find_bank_details(text), *find_addresses(text), *known])


def masked(text: str, personal: Iterable[Entity]) -> str:
    """`text` with each personal span replaced by its kind in brackets: "I am [person]"."""
    for entity in sorted(personal, key=lambda span: span.start, reverse=True):
        text = f"{text[: entity.start]}[{entity.entity}]{text[entity.end :]}"
    return text


def iban_holds(number: str) -> bool:
    """Whether the check digits of an IBAN, without spaces, fit (ISO 13616)."""
    moved = number[4:] + number[:4]
    return int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _iban_within(written: str) -> str | None:
    """The IBAN with which `written` begins: words after it may look like groups of it."""
    ends = [len(written), *(gap.start() for gap in re.finditer(r"[ .-]+", written))]
    for end in sorted(ends, reverse=True):
        number = re.sub(r"[ .-]", "", written[:end]).upper()
        if len(number) >= _IBAN_LENGTH and iban_holds(number):
            return written[:end]
    return None


def _hidden(kind: str, written: str, start: int) -> Entity:
    digits = re.sub(r"\W", "", written)
    return Entity(kind, f"**** {digits[-4:]}", start, start + len(written), "rules", 0.95)
