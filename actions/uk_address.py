"""A British address in a customer's own words: street, town and postcode, as far as the message gives them."""

import re
from dataclasses import dataclass

_POSTCODE = re.compile(r"\b(GIR ?0AA|[A-PR-UWYZ][A-HK-Y]?\d[A-Z\d]?)\s*(\d[ABD-HJLNP-UW-Z]{2})\b", re.I)
_ROADS = (
    r"street|st|road|rd|lane|ln|avenue|ave|close|cl|way|drive|dr|court|ct|place|pl|terrace|gardens|grove|crescent"
    r"|square|sq|hill|row|mews|walk|rise|parade|quay"
)
_HOUSES = r"house|mill|cottage|farm|lodge|building|wharf|yard"
#: A number or a name with an ending that streets have: "14 Orchard Terrace", "Flat 2, Rose House".
_STREET = re.compile(
    rf"^((flat|apartment|apt|unit|suite)\s+\w+\b.*|\d{{1,4}}\s*[a-z]?\b\s*[-/]?\s*(\d+\s*[a-z]?\s+)?[a-z].*|.*\b({_ROADS}|{_HOUSES})\b.*)$",
    re.I,
)
_STREET_THEN_TOWN = re.compile(rf"^(?P<street>.*\d.*\b({_ROADS})\b\.?)\s+(?P<town>[a-z][a-z .'-]+)$", re.I)
_FLAT = re.compile(r"^(flat|apartment|apt|unit|suite|floor|room)\s+\w+$", re.I)
_LEAD = re.compile(
    r"""^\W*(((no|sorry|actually|please|ok|okay|yes|hi|hello|oh|and|so|well|can\ you|could\ you|i'?d\ like\ (you\ )?to|i\ (mean|meant|want\ (you\ )?to)
        |(the|my|our|its?)\ (new\ |correct\ |right\ |other\ |delivery\ |shipping\ |full\ )*(address|one|postcode|post\ code|town|city|street)
        |address|postcode|post\ code|is|it'?s|it\ (is|should\ be)|that'?s|should\ be|to|at|in|instead|send|deliver|ship|add|save|change|use|it|this|here)
        (?=[\s,:;.-]|$)[\s,:;.-]*)+)""",
    re.I | re.X,
)
# Whatever words lead to a number and a name: "pls chnage it to 9 Mill Lane".
_UP_TO_A_HOUSE = re.compile(r"^.*\b(?:to|is|at)\s+(?=\d{1,4}\s*[a-z]?\s+[a-z])", re.I)
_COUNTRY = re.compile(
    r"^(uk|u\.k\.|united kingdom|great britain|gb|england|scotland|wales|northern ireland)$", re.I
)
_NO_TOWN = re.compile(
    r"\b(where|what|how|when|why|who|my|order|you|i|it|address|not|know|no|yes|stop|is|can|another|help|please|don.?t)\b",
    re.I,
)
#: In words without a house number these say that it is a sentence, not a street.
_SENTENCE = re.compile(
    r"\b(i|i.?m|i.?d|i.?ve|my|your|you|we|our|where|what|how|wrong|should|deliver\w*|send|order|parcel|somewhere|put|can|could|want|need|like)\b",
    re.I,
)
_TOWN = re.compile(r"^[a-z][a-z .'’-]{1,40}$", re.I)


@dataclass(frozen=True)
class Parts:
    """What was found of an address; None where the message does not say it."""

    street: str | None = None
    town: str | None = None
    postcode: str | None = None


def postcode_in(text: str) -> str | None:
    """The last UK postcode in the text, in the usual spelling."""
    found = list(_POSTCODE.finditer(text))
    return f"{found[-1][1].upper()} {found[-1][2].upper()}" if found else None


def read_address(text: str) -> Parts:
    """Street, town and postcode from a line or several: "9 Mill Lane, Bath BA1 2LR".

    The street is everything before the town; a message without a postcode may give a street alone, or both.
    """
    postcode = postcode_in(text)
    # What follows a postcode is no part of the address, unless nothing comes before it.
    before, _, after = _POSTCODE.sub("\0", text).rpartition("\0")
    rest = _POSTCODE.sub("", before).replace("\0", "") if before.strip() else after
    pieces = [
        _LEAD.sub("", _UP_TO_A_HOUSE.sub("", piece)).strip(" .,;:-\t") for piece in re.split(r"[,:\n;]", rest)
    ]
    pieces = [piece for piece in pieces if piece and not _COUNTRY.match(piece)]
    if not pieces:
        return Parts(postcode=postcode)
    if len(pieces) == 1 and (both := _STREET_THEN_TOWN.match(pieces[0])):
        return Parts(both["street"].strip(), _named(both["town"]), postcode)
    first_street = next((i for i, piece in enumerate(pieces) if _is_street(piece)), None)
    if first_street is None:
        town = pieces[-1] if postcode and _TOWN.match(pieces[-1]) else None
        return Parts(None, _named(town) if town else None, postcode)
    pieces = pieces[first_street:]
    if len(pieces) > 1 and _TOWN.match(pieces[-1]) and not _FLAT.match(pieces[-1]):
        street, town = pieces[:-1], _named(pieces[-1])
        return Parts(", ".join(street), town, postcode)
    if both := _STREET_THEN_TOWN.match(pieces[-1]):
        return Parts(", ".join([*pieces[:-1], both["street"].strip()]), _named(both["town"]), postcode)
    return Parts(", ".join(pieces), None, postcode)


def _is_street(piece: str) -> bool:
    numbered = re.search(r"\d", piece) is not None
    return _STREET.match(piece) is not None and (numbered or _SENTENCE.search(piece) is None)


def town_in(text: str) -> str | None:
    """The town, when the message was asked for nothing else."""
    alone = _LEAD.sub("", _POSTCODE.sub("", text)).strip(" .,;:-")
    can_be = _TOWN.match(alone) and len(alone.split()) <= 4 and not _NO_TOWN.search(alone)
    return _named(alone) if can_be else None


def _named(town: str) -> str:
    """`bath` → `Bath`; what was written with capitals stays as it is."""
    town = town.strip()
    return town.title() if town.islower() else town
