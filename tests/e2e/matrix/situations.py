"""The situations of this folder: what somebody says, and what has to come back, for each who may say it.

Of a turn, `say` (a message), `press` (part of a button's title) or `opening` (the assistant speaks first) is what
happens, and `expect` what has to hold after it, for all; under `who` single keys of both are replaced for some.
`only` leaves the turn to these. `values` of a situation fill `{name}` in both; `{day:2}` is the day after tomorrow.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent
VISITOR = "visitor"
#: Who takes part, in the order of data/demo/personas.yml.
WHO = ("maria", "derek", "priya", "tom", "eleanor", "gareth", "aoife", "sunita", VISITOR)
ANY = "any"
T = TypeVar("T")
_DAY = re.compile(r"\{day:(-?\d+)\}")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(Strict):
    """What has to hold after a turn; what is not given may be anything.

    Attributes:
        reply: one of these names is among the replies.
        variant: in one of these wordings.
        must: parts of what is said; `must_not` likewise. Upper and lower case do not matter.
        cards: exactly these orders or products are shown.
        offers: for each, a button whose title contains it.
        form: the wish whose form is open afterwards; None when none is.
        order: order → the state it is in at the shop.
    """

    intent: str | None = None
    mood: str | None = None
    reply: str | list[str] = ANY
    variant: str | list[str] = ANY
    must: list[str] = []
    must_not: list[str] = []
    cards: list[str] | None = None
    offers: list[str] = []
    form: str | None = ANY
    order: dict[str, str] = {}
    owner: str = "bot"


class Part(Expectation):
    """What one of those who take part does or gets differently."""

    say: str | None = None
    press: str | None = None


class Turn(Strict):
    """One turn as it is written."""

    opening: bool = False
    say: str | None = None
    press: str | None = None
    only: list[str] = list(WHO)
    expect: Expectation
    who: dict[str, Part] = {}


class Situation(Strict):
    """One situation as it is written."""

    name: str
    values: dict[str, dict[str, str]] = {}
    turns: list[Turn]


@dataclass(frozen=True)
class Step:
    """One turn of one who takes part. Without words and button the assistant speaks first."""

    say: str | None
    press: str | None
    expect: Expectation


def situations() -> list[Situation]:
    """All situations, in the order in which each of those who take part goes through them.

    Raises:
        pydantic.ValidationError: the files are not of this form.
    """
    return [
        Situation.model_validate(written)
        for file in sorted(FOLDER.glob("*.yml"))
        for written in yaml.safe_load(file.read_text(encoding="utf-8"))["situations"]
    ]


def steps(situation: Situation, who: str, today: date) -> list[Step]:
    """What this one goes through in the situation.

    Raises:
        KeyError: a `{name}` without a value.
    """
    values = _of(situation.values, who) or {}
    return [_step(turn, who, values, today) for turn in situation.turns if who in turn.only]


def _step(turn: Turn, who: str, values: Mapping[str, str], today: date) -> Step:
    own = _of(turn.who, who)
    differs = own.model_dump(exclude_unset=True) if own else {}
    does = {key: differs.pop(key) for key in ("say", "press") if key in differs}
    if not does:
        does = {"say": turn.say, "press": turn.press}
    written = {**turn.expect.model_dump(exclude_unset=True), **differs}
    expect = Expectation.model_validate(_filled(written, values, today))
    filled = {key: _filled(value, values, today) for key, value in does.items()}
    return Step(filled.get("say"), filled.get("press"), expect)


def _of(by_names: Mapping[str, T], who: str) -> T | None:
    """Keys may name several: `maria, priya`."""
    return next((given for names, given in by_names.items() if who in names.split(", ")), None)


def _filled(written: Any, values: Mapping[str, str], today: date) -> Any:
    match written:
        case str():
            days = _DAY.sub(lambda found: _words(today + timedelta(int(found[1]))), written)
            return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], days)
        case Mapping():
            return {
                _filled(key, values, today): _filled(value, values, today) for key, value in written.items()
            }
        case Iterable():
            return [_filled(value, values, today) for value in written]
    return written


def _words(day: date) -> str:
    """As the assistant writes it: `Tuesday 24 November`."""
    return f"{day:%A} {day.day} {day:%B}"
