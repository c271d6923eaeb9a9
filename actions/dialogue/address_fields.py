"""Street, town and postcode of a new delivery address, asked for one by one or read from one message."""

import re
from typing import Any

from actions.dialogue.form import Field, NotUsable
from actions.shop import Address
from actions.turn import Turn
from actions.uk_address import postcode_in, read_address, town_in

_ABROAD = re.compile(
    r"\b(germany|france|ireland|dublin|spain|usa|america|canada|australia|italy|netherlands|abroad|overseas)\b",
    re.I,
)


def _street(turn: Turn, _subject: object, asked: bool) -> str | None:
    street = read_address(turn.said).street
    if street is None and asked and _ABROAD.search(turn.text):
        raise NotUsable("utter_only_uk")
    return street


def _town(turn: Turn, _subject: object, asked: bool) -> str | None:
    return read_address(turn.said).town or (town_in(turn.said) if asked else None)


def _postcode(turn: Turn, _subject: object, asked: bool) -> str | None:
    found = postcode_in(turn.said)
    if found is None and asked and re.search(r"\d", turn.said) and len(turn.said.split()) <= 3:
        raise NotUsable("utter_not_a_postcode", given=turn.said.strip()[:20])
    return found


def _ask_street(turn: Turn, _subject: object, again: bool) -> None:
    turn.say("utter_ask_new_address", again=again)


def _ask_town(turn: Turn, _subject: object, again: bool) -> None:
    turn.say("utter_ask_town", street=turn.answers["street"], again=again)


def _ask_postcode(turn: Turn, _subject: object, again: bool) -> None:
    turn.say("utter_ask_postcode", street=turn.answers["street"], town=turn.answers["town"], again=again)


ADDRESS_FIELDS: tuple[Field[Any], ...] = (
    Field("street", "Street", _street, _ask_street),
    Field("town", "Town", _town, _ask_town),
    Field("postcode", "Postcode", _postcode, _ask_postcode),
)


def address_of(turn: Turn) -> Address:
    """The address that the fields hold."""
    told = turn.answers
    line1, _, line2 = str(told["street"]).partition(", ")
    return Address(line1=line1, line2=line2 or None, city=told["town"], postcode=told["postcode"])
