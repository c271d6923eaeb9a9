"""What good data are: `data/profiles/quality.yml`, and whether a value is what it should be."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from profiles.quality.normalise import email_of, label_of, phone_of, postcode_of
from profiles.traits.declared import Attribute
from profiles.traits.values import Misfit, fit

QUALITY_FILE = Path(__file__).parents[2] / "data" / "profiles" / "quality.yml"
#: Nobody was born earlier, and no shop of this kind has older dates.
EARLIEST = "1900-01-01"
#: Where the address says no country, it is the shop's.
HOME = "GB"

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]


class UnusableRules(ValueError):
    """The file can't be used; says where and why."""


class Weights(BaseModel):
    """What each way to measure counts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    completeness: Share
    validity: Share
    uniqueness: Share
    timeliness: Share
    consistency: Share


class Alarms(BaseModel):
    """When somebody is told; see the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    past_days: Annotated[int, Field(ge=7, le=365)]
    least_days: Annotated[int, Field(ge=3)]
    distance: Positive
    least_events: Annotated[int, Field(ge=1)]
    silent_pauses: Positive
    silent_days: Positive
    score_drop: Share


class Rules(BaseModel):
    """Everything that the file says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int
    weights: Weights
    good_from: Share
    fair_from: Share
    customers: Annotated[int, Field(ge=100)]
    unique: frozenset[str]
    rules: Mapping[str, str]
    alarms: Alarms

    @model_validator(mode="after")
    def _rules_are_known(self) -> Self:
        if unknown := sorted(set(self.rules.values()) - _RULES.keys()):
            raise ValueError(f"there is no rule {', '.join(unknown)}")
        return self


def read_rules(file: Path = QUALITY_FILE) -> Rules:
    """The rules of the file.

    Raises:
        UnusableRules
    """
    try:
        return Rules.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise UnusableRules(f"{file.name}: {error}") from None


def canonical(attribute: Attribute, rule: str | None, value: Any, today: date) -> str | None:
    """What a value is after normalising, as a text that equal values share; None when it is not valid.

    Args:
        rule: one of those in `quality.yml`, beyond the type of the attribute.
    """
    try:
        kept = fit(attribute, value)
        normal = kept if rule is None or kept is None else _RULES[rule](kept, today)
    except Misfit:
        return None
    if normal is None:
        return None
    return normal.casefold() if isinstance(normal, str) else json.dumps(normal, sort_keys=True)


def _address(value: Any, _today: date) -> list[str] | None:
    country = label_of("country", value.get("country") or HOME)
    postcode = country and postcode_of(value.get("postcode") or "", country)
    if not country or not postcode:
        return None
    return [" ".join(str(value.get(part, "")).casefold().split()) for part in ("line1", "city")] + [
        postcode,
        country,
    ]


def _past_day(value: Any, today: date) -> str | None:
    return value if EARLIEST <= value <= today.isoformat() else None


def _past_moment(value: Any, today: date) -> str | None:
    """To the day: clocks of sources differ."""
    day = datetime.fromisoformat(value).date().isoformat()
    return day if EARLIEST <= day <= today.isoformat() else None


def _label(kind: str, value: Any, _today: date) -> str | None:
    return label_of(kind, value)


_RULES: Mapping[str, Callable[[Any, date], Any]] = {
    "email": lambda value, _today: email_of(value),
    "phone": lambda value, _today: phone_of(value),
    "address": _address,
    "past_day": _past_day,
    "past_moment": _past_moment,
    **{kind: partial(_label, kind) for kind in ("channel", "tier", "language", "country", "currency")},
}
