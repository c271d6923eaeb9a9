"""Brings the properties of an event into the shapes that its schema declares, where they are spelt otherwise."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from profiles.quality.compatibility import MEANS
from profiles.quality.normalise.contacts import email_of
from profiles.quality.normalise.dates import moment_of
from profiles.quality.normalise.labels import label_of
from profiles.quality.normalise.money import amount_of

Schema = dict[str, Any]


def normalised(properties: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The properties, those that say nothing (null) left out, the declared ones normalised by what they mean.

    What is not understood stays as it is, for the check to refuse.
    """
    declared = schema.get("properties", {})
    return {
        name: _value(value, declared[name]) if name in declared else value
        for name, value in properties.items()
        if value is not None
    }


def unknown_rules(schema: Schema, where: str = "") -> list[str]:
    """Where a schema names a rule that there is not."""
    found = (
        [f"{where or 'the whole'}: means {schema[MEANS]}"] if schema.get(MEANS, "text") not in _RULES else []
    )
    for name, below in schema.get("properties", {}).items():
        found += unknown_rules(below, f"{where}.{name}" if where else name)
    return found + (unknown_rules(schema["items"], f"{where}[]") if "items" in schema else [])


def _value(value: Any, schema: Schema) -> Any:
    if isinstance(value, dict):
        return normalised(value, schema)
    if isinstance(value, list):
        return (
            [_value(one, schema["items"]) for one in value if one is not None] if "items" in schema else value
        )
    rule = _RULES.get(schema.get(MEANS, ""))
    kept = rule(value) if rule else None
    return value if kept is None else kept


def _pounds(value: Any) -> float | None:
    """An amount in another currency is not understood: it must not be taken for pounds."""
    amount = amount_of(value) if isinstance(value, str) else None
    return float(amount.value) if amount and amount.currency in {None, "GBP"} else None


def _number(value: Any) -> float | None:
    """`3` for `"3"` and for `3.0`."""
    if isinstance(value, str):
        amount = amount_of(value)
        value = float(amount.value) if amount and amount.currency is None else None
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    return None


def _text(value: Any) -> str | None:
    """Numbers are names too (`"product_id": 4711`); spaces around a text mean nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else None


def _label(kind: str, value: Any) -> str | None:
    return label_of(kind, value) if isinstance(value, str) else None


def _moment(value: Any) -> str | None:
    return moment_of(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _email(value: Any) -> str | None:
    return email_of(value) if isinstance(value, str) else None


_RULES: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "pounds": _pounds,
    "moment": _moment,
    "email": _email,
    **{
        kind: partial(_label, kind)
        for kind in ("currency", "channel", "issue", "outcome", "priority", "tier", "country")
    },
}
