"""Invented people. Telephone numbers are Ofcom's ranges for drama, mail domains are reserved (RFC 2606)."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Literal

import numpy as np

from demo.content import DATA, Content, read
from demo.records import Address

NAMES = DATA / "demo" / "names.yml"


class Names(Content):
    """The words that people and addresses are made of."""

    version: Literal[1]
    first_names: list[str]
    last_names: list[str]
    streets: list[str]


@cache
def load_names() -> Names:
    return read(NAMES, Names)


ENDINGS = ("Street", "Road", "Lane", "Avenue", "Close", "Way", "Terrace", "Gardens")
#: Each city with the letters of its postcodes and its range of numbers for drama.
CITIES: tuple[tuple[str, str, str], ...] = (
    ("London", "SE", "+44207946"),
    ("Leeds", "LS", "+44113496"),
    ("Sheffield", "S", "+44114496"),
    ("Nottingham", "NG", "+44115496"),
    ("Leicester", "LE", "+44116496"),
    ("Bristol", "BS", "+44117496"),
    ("Reading", "RG", "+44118496"),
    ("Birmingham", "B", "+44121496"),
    ("Edinburgh", "EH", "+44131496"),
    ("Glasgow", "G", "+44141496"),
    ("Liverpool", "L", "+44151496"),
    ("Manchester", "M", "+44161496"),
)
MAIL_DOMAINS = ("example.com", "example.org", "example.net")


def phone(index: int) -> str:
    """A number nobody has: the first thousand are mobiles, then the cities' ranges; distinct up to 13,000."""
    block, number = divmod(index, 1000)
    if block == 0:
        return f"+447700900{number:03d}"
    return f"{CITIES[(block - 1) % len(CITIES)][2]}0{number:03d}"


def name(rng: np.random.Generator) -> tuple[str, str]:
    return _one(load_names().first_names, rng), _one(load_names().last_names, rng)


def email(first: str, last: str, index: int, rng: np.random.Generator) -> str:
    """An address that no other customer has: the index is in it."""
    domain = _one(MAIL_DOMAINS, rng)
    shapes = (f"{first}.{last}{index}", f"{first[0]}{last}{index}", f"{last}.{first}.{index}")
    return f"{_one(shapes, rng).lower()}@{domain}"


def address(rng: np.random.Generator) -> Address:
    city, area, _ = CITIES[int(rng.integers(len(CITIES)))]
    street = f"{_one(load_names().streets, rng)} {_one(ENDINGS, rng)}"
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    inward = f"{rng.integers(1, 10)}{letters[int(rng.integers(20))]}{letters[int(rng.integers(20))]}"
    return Address(f"{rng.integers(1, 180)} {street}", city, f"{area}{rng.integers(1, 20)} {inward}")


def birth_date(today: date, rng: np.random.Generator) -> date:
    """Between 18 and 90 years old, most in the middle."""
    years = 18 + 72 * float(rng.beta(2.0, 3.0))
    return today - timedelta(days=round(years * 365.25) + 1)


def _one(words: Sequence[str], rng: np.random.Generator) -> str:
    return words[int(rng.integers(len(words)))]
