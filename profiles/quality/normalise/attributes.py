"""Brings what sources send of a customer into one spelling, by the rules of `data/profiles/quality.yml`."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from profiles.quality.normalise.contacts import email_of, phone_of
from profiles.quality.normalise.dates import day_of, moment_of
from profiles.quality.normalise.labels import label_of
from profiles.quality.normalise.postcodes import postcode_of
from profiles.quality.rules import HOME, read_rules
from profiles.traits.declared import Attribute

#: How senders call it.
_POSTCODES = ("postcode", "postalCode", "postal_code")


def normal_value(attribute: Attribute, value: Any) -> Any:
    """The value as it is kept: `VIP` is the tier gold, `9/3/1984` a day. What is not understood stays as it is."""
    if isinstance(value, dict):
        return _address(value) if attribute.type == "address" else value
    rule = _RULES.get(_names().get(attribute.name, attribute.type)) or _RULES.get(attribute.type)
    if rule is None or not isinstance(value, str):
        return value
    normal = rule(value)
    return value if normal is None else normal


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    return read_rules().rules


def _address(value: Mapping[str, Any]) -> dict[str, Any]:
    normal = dict(value)
    country = value.get("country")
    if isinstance(country, str):
        normal["country"] = label_of("country", country) or country
    for name in _POSTCODES:
        if isinstance(value.get(name), str):
            normal[name] = postcode_of(value[name], str(normal.get("country") or HOME)) or value[name]
    return normal


_RULES: Mapping[str, Callable[[str], Any]] = {
    "email": email_of,
    "phone": phone_of,
    "day": day_of,
    "moment": moment_of,
    **{kind: partial(label_of, kind) for kind in ("channel", "tier", "language", "country", "currency")},
}
