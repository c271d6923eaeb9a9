"""How what is known of a customer is seen: under which name, of which kind, and for which purposes.

What there is, is declared (`profiles.traits.declared`). Times rest as days or moments and become `days_since_…`
when read: calendar days in UTC, so that today is 0. `current` gives one customer's attributes in Python,
`current_sql` those of all; a test holds the two equal.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from profiles.conditions import Kind
from profiles.protocol import Purpose
from profiles.traits.declared import Attribute, Schema

PREFIX = "customer."


def segment_kinds(schema: Schema) -> dict[str, Kind]:
    """The kinds of the names that a condition of a segment may use."""
    return {f"{PREFIX}{name}": kind for name, kind in schema.kinds.items()}


def customer_kinds(schema: Schema) -> dict[str, Kind]:
    """The kinds of all names of a customer; segments can be spoken of everywhere but in their own conditions."""
    return {**segment_kinds(schema), f"{PREFIX}segment": "text", f"{PREFIX}segments": "texts"}


def current(
    schema: Schema,
    stored: Mapping[str, Any],
    traits: Mapping[str, Any],
    traits_until: Mapping[str, str],
    *,
    first_name: str | None,
    tier: str,
    preferred_channel: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The attributes as of `now`, by the names that they are seen by, without those that have no value.

    Args:
        stored: what is derived.
        traits: what counts of the dynamic attributes.
        traits_until: when some of it expires, in ISO 8601.
    """
    values: dict[str, Any] = {
        **{name: value for name, value in traits.items() if not _is_over(traits_until.get(name), now)},
        **stored,
        "first_name": first_name,
        "tier": tier,
        "preferred_channel": preferred_channel,
    }
    seen: dict[str, Any] = {}
    for attribute in schema.attributes:
        value = values.get(attribute.name)
        if attribute.seen is not None and value is not None:
            seen[attribute.seen] = value if attribute.seen_as is None else _days_since(value, now.date())
    return seen


def current_sql(schema: Schema) -> str:
    """All customers with the columns `customer_id` and `customer.…`; takes the parameters `today` and `now`."""
    columns = [
        f'{_sql(attribute)} AS "{PREFIX}{attribute.seen}"'
        for attribute in schema.attributes
        if attribute.seen is not None
    ]
    return f"SELECT c.customer_id, {', '.join(columns)} FROM profiles.customers AS c"  # noqa: S608  (checked names)


def visible(
    schema: Schema, attributes: Mapping[str, Any], segments: list[str], purpose: Purpose
) -> dict[str, Any]:
    """What of a customer's attributes and segments serves `purpose`."""
    shown = {}
    for attribute in schema.attributes:
        name = attribute.seen
        if name is not None and name in attributes and purpose in attribute.purposes:
            shown[name] = attributes[name]
    if purpose != "service" and segments:
        shown |= {"segment": segments[0], "segments": segments}
    return shown


def next_expiry(traits_until: Mapping[str, str], now: datetime) -> datetime | None:
    """Until when `current` stays as it is, if nothing is written and the day does not end."""
    ends = [datetime.fromisoformat(end) for end in traits_until.values()]
    return min((end for end in ends if end > now), default=None)


def _is_over(end: str | None, now: datetime) -> bool:
    return end is not None and datetime.fromisoformat(end) <= now


def _days_since(moment: str, today: date) -> int:
    return (today - date.fromisoformat(moment[:10])).days


def _sql(attribute: Attribute) -> str:
    """The value of an attribute in PostgreSQL, over one row of `profiles.customers` called `c`."""
    name = attribute.name
    if attribute.held == "core" and attribute.type == "text":
        return f"c.{name}"
    document = "c.traits" if attribute.held == "dynamic" else "c.attributes"
    value = f"{document}->>'{name}'"
    match attribute.type:
        case "number":
            value = f"CAST({value} AS double precision)"
        case "boolean":
            value = f"CAST({value} AS boolean)"
        case "texts":
            elements = f"ARRAY(SELECT jsonb_array_elements_text({document}->'{name}'))"
            value = f"CASE WHEN {document} ? '{name}' THEN {elements} END"
        case "day" | "moment":
            value = f"CAST(:today - CAST(left({value}, 10) AS date) AS double precision)"
    if attribute.held != "dynamic":
        return value
    over = f"CAST(c.traits_until->>'{name}' AS timestamptz) <= :now"
    return f"CASE WHEN {over} THEN NULL ELSE {value} END"
