"""Whether a value that somebody sent is one of an attribute, and how it is kept."""

from datetime import UTC, date, datetime
from typing import Any

from pydantic import ValidationError

from profiles.protocol import utc_text
from profiles.records import Address, Facts
from profiles.traits.declared import Attribute

LONGEST_TEXT = 320
MOST_TEXTS = 50
#: Beyond it a double can't tell one whole number from the next.
LARGEST_NUMBER = 2**53
#: How the Segment specification calls the parts of an address.
_ADDRESS = {"street": "line1", "postalCode": "postcode", "postal_code": "postcode"}


class Misfit(ValueError):
    """Not a value of the attribute; says why, in one of the words of `tables.Stray.reason`."""


def fit(attribute: Attribute, value: object) -> Any:
    """The value as it is kept, in JSON's types. None is the word taken back, and fits always.

    Raises:
        Misfit
    """
    if value is None:
        return None
    kept = _of_type(attribute, value)
    if kept is None:
        raise Misfit("wrong type")
    said = kept if isinstance(kept, list) else [kept]
    if attribute.values and not set(said) <= set(attribute.values):
        raise Misfit("not allowed")
    return kept


def _of_type(attribute: Attribute, value: object) -> Any:  # noqa: PLR0911  (one line a type)
    match attribute.type:
        case "text":
            return _text(value)
        case "number":
            return value if _is_number(value) else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "texts":
            return _texts(value)
        case "day":
            return _day(value)
        case "moment":
            return _moment(value)
        case "address":
            return _address(value)
        case "facts":
            return _facts(value)


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= LONGEST_TEXT and _can_be_kept(text) else None


def _can_be_kept(text: str) -> bool:
    """No database keeps NUL, and halves of characters can't even be sent to one."""
    return "\x00" not in text and text.encode(errors="replace").decode() == text


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER


def _texts(value: object) -> list[str] | None:
    if not isinstance(value, list) or len(value) > MOST_TEXTS:
        return None
    texts = [_text(item) for item in value]
    return None if None in texts else [text for text in texts if text is not None]


def _day(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value.strip()[:10]).isoformat()
    except ValueError:
        return None


def _moment(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        # Without a zone it is taken for UTC.
        return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _address(value: object) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    parts = {_ADDRESS.get(str(name), str(name)): part for name, part in value.items()}
    try:
        return Address.model_validate(parts).model_dump()
    except ValidationError:
        return None


def _facts(value: object) -> dict[str, Any] | None:
    if not isinstance(value, dict):
        return None
    try:
        return Facts.model_validate(value).model_dump(exclude_none=True)
    except ValidationError:
        return None
