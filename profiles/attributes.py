"""What is known of a customer under which name, of which kind, and for which purposes.

Times rest as moments and become `days_since_…` when read: calendar days in UTC, so that today is 0. `current`
gives one customer's attributes in Python, `CURRENT_SQL` those of all; a test holds the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from profiles.conditions import Kind
from profiles.protocol import PURPOSES, Purpose

PREFIX = "customer."

_EVERY = frozenset(PURPOSES)
_NOT_SERVICE = _EVERY - {"service"}


@dataclass(frozen=True)
class Attribute:
    """One thing that is known of a customer.

    Args:
        kind: what values it has.
        sql: its value in PostgreSQL, over one row of `profiles.customers` called `c`.
        purposes: who may see it, consent given.
    """

    kind: Kind
    sql: str
    purposes: frozenset[Purpose] = _NOT_SERVICE


def _number(name: str, purposes: frozenset[Purpose] = _NOT_SERVICE) -> Attribute:
    return Attribute("number", f"(c.attributes->>'{name}')::double precision", purposes)


def _text(name: str) -> Attribute:
    return Attribute("text", f"c.attributes->>'{name}'")


def _days_since(moment: str) -> Attribute:
    return Attribute("number", f"(:today - left(c.attributes->>'{moment}', 10)::date)::double precision")


#: Everything that conditions of segments may speak of.
ATTRIBUTES: Mapping[str, Attribute] = {
    "first_name": Attribute("text", "c.first_name", frozenset({"service", "personalisation", "marketing"})),
    "tier": Attribute("text", "c.tier"),
    "preferred_channel": Attribute("text", "c.preferred_channel", _EVERY),
    "days_since_signup": _days_since("signed_up_at"),
    "orders_total": _number("orders_total"),
    "orders_90d": _number("orders_90d"),
    "spend_total": _number("spend_total"),
    "days_since_order": _days_since("last_order_at"),
    "days_since_login": _days_since("last_login_at"),
    "logins_30d": _number("logins_30d"),
    "product_views_7d": _number("product_views_7d"),
    "engagement": _number("engagement"),
    "discount_share": _number("discount_share"),
    "tickets_90d": _number("tickets_90d"),
    "tickets_open": _number("tickets_open", _EVERY),
    "tickets_total": _number("tickets_total"),
    "resolution_rate": _number("resolution_rate"),
    "response_seconds": _number("response_seconds"),
    "usual_channel": _text("usual_channel"),
    "contact_diversity": _number("contact_diversity"),
    "last_issue": _text("last_issue"),
    "last_issue_outcome": _text("last_issue_outcome"),
    "days_since_issue": _days_since("last_issue_at"),
}

#: The kinds of the names that a condition of a segment may use.
SEGMENT_KINDS: Mapping[str, Kind] = {
    f"{PREFIX}{name}": attribute.kind for name, attribute in ATTRIBUTES.items()
}
#: The kinds of all names of a customer; segments can be spoken of everywhere but in their own conditions.
CUSTOMER_KINDS: Mapping[str, Kind] = {
    **SEGMENT_KINDS,
    f"{PREFIX}segment": "text",
    f"{PREFIX}segments": "texts",
}

_MOMENTS = {
    "days_since_signup": "signed_up_at",
    "days_since_order": "last_order_at",
    "days_since_login": "last_login_at",
    "days_since_issue": "last_issue_at",
}

#: All customers with the columns `customer_id` and `customer.…`; takes the parameter `today`.
CURRENT_SQL = (
    "SELECT c.customer_id, "  # noqa: S608  (constants of this file only)
    + ", ".join(f'{attribute.sql} AS "{PREFIX}{name}"' for name, attribute in ATTRIBUTES.items())
    + " FROM profiles.customers AS c"
)


def current(
    stored: Mapping[str, Any],
    *,
    first_name: str | None,
    tier: str,
    preferred_channel: str | None,
    today: date,
) -> dict[str, Any]:
    """The attributes as of `today`, without those that have no value."""
    values: dict[str, Any] = {
        **stored,
        "first_name": first_name,
        "tier": tier,
        "preferred_channel": preferred_channel,
    }
    for name, moment in _MOMENTS.items():
        if moment in stored:
            values[name] = (today - date.fromisoformat(stored[moment][:10])).days
    return {name: values[name] for name in ATTRIBUTES if values.get(name) is not None}


def visible(attributes: Mapping[str, Any], segments: list[str], purpose: Purpose) -> dict[str, Any]:
    """What of a customer's attributes and segments serves `purpose`."""
    shown = {name: value for name, value in attributes.items() if purpose in ATTRIBUTES[name].purposes}
    if purpose != "service" and segments:
        shown |= {"segment": segments[0], "segments": segments}
    return shown
