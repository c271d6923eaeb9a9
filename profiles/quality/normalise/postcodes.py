"""Postcodes, checked against their country: `data/profiles/postcodes.yml` holds the patterns."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

POSTCODES_FILE = Path(__file__).parents[3] / "data" / "profiles" / "postcodes.yml"
_BETWEEN = re.compile(r"[\s.\-–]+")
LONGEST = 16


@dataclass(frozen=True)
class Shape:
    """What the postcodes of a country look like: see the file."""

    pattern: re.Pattern[str]
    written: str
    for_example: tuple[str, ...]


@lru_cache(maxsize=1)
def shapes() -> Mapping[str, Shape]:
    """By the two letters of the country."""
    content = yaml.safe_load(POSTCODES_FILE.read_text("utf-8"))
    return {country: _shape(said) for country, said in content.items()}


def _shape(said: Mapping[str, Any]) -> Shape:
    prefixes = said.get("prefixes")
    before = f"(?:{'|'.join(prefixes)})?" if prefixes else ""
    return Shape(
        re.compile(f"{before}{said['pattern']}", re.ASCII), said["written"], tuple(said["for_example"])
    )


def postcode_of(text: str, country: str) -> str | None:
    """The code as it is written in its country; None when that country has no such code.

    Codes of countries of which nothing is known are not checked: spaces once, in capitals.

    Args:
        country: two capital letters, see `label_of("country", …)`.
    """
    shape = shapes().get(country)
    if shape is None:
        plain = " ".join(text.upper().split())
        return plain if 0 < len(plain) <= LONGEST else None
    found = shape.pattern.fullmatch(_BETWEEN.sub("", text).upper())
    return found.expand(shape.written).strip(" -") if found else None
