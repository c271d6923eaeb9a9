"""Made-up values in the place of personal ones: what is learnt holds nobody's name, number or address."""

import hashlib
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from web.training.markup import LONGEST, marked, on_one_line
from web.training.shapes import Span

#: An order's number leads to its customer too, though the bot may say it.
HIDDEN_TOO = frozenset({"order_id"})

_NAMES = (
    "Alex Marlow",
    "Priti Shah",
    "Owen Hale",
    "Grace Adeyemi",
    "Callum Reid",
    "Hannah Lowe",
    "Yusuf Demir",
    "Beth Carver",
    "Liam Doyle",
    "Nadia Karim",
    "Rosie Penfold",
    "Martin Oakes",
)
_FIRST_NAMES = (
    "Alex",
    "Priti",
    "Owen",
    "Grace",
    "Callum",
    "Hannah",
    "Yusuf",
    "Beth",
    "Liam",
    "Nadia",
    "Rosie",
)
_STREETS = ("Mill Lane", "Station Road", "Chapel Street", "Elm Grove", "Park Avenue", "Bridge Street")
# Numbers that Ofcom keeps for plays, addresses that no mail reaches, a postcode area that does not exist,
# the card of the payment companies' own tests.
_MADE_UP: dict[str, Callable[[random.Random, str], str]] = {
    "person": lambda chance, was: chance.choice(_NAMES if " " in was.strip() else _FIRST_NAMES),
    "email": lambda chance, was: f"{chance.choice(_FIRST_NAMES).lower()}@example.com",
    "phone": lambda chance, was: f"07700 900{chance.randrange(1000):03d}",
    "card_number": lambda chance, was: "4111 1111 1111 1111",
    "iban": lambda chance, was: "GB33BUKB20201555555555",
    "bank_account": lambda chance, was: "20-00-00 55779911",
    "postcode": lambda chance, was: f"ZZ{chance.randrange(1, 20)} {chance.randrange(1, 10)}AB",
    "address": lambda chance, was: f"{chance.randrange(1, 200)} {chance.choice(_STREETS)}",
    "order_id": lambda chance, was: re.sub(r"\d", lambda _: str(chance.randrange(1, 10)), was),
}
#: Personal values that are no entities of the dialogue: written without markup.
_UNMARKED = frozenset({"iban", "bank_account", "postcode", "address"})


@dataclass(frozen=True)
class Hidden:
    """A message without what is personal in it.

    Attributes:
        text: each personal value replaced by its kind in brackets: "I am [person]".
        spans: entities in `text`, those brackets included.
        draft: an utterance to learn: entities in markup, personal values replaced by made-up ones.
    """

    text: str
    spans: tuple[Span, ...]
    draft: str


def hide(text: str, spans: Iterable[tuple[Span, bool]]) -> Hidden:
    """Take out of `text` what is personal.

    The same text gives the same values, whatever else was read before.

    Args:
        spans: entities in `text` without overlaps, each with whether it is personal.
    """
    chance = random.Random(hashlib.sha256(text.encode()).digest())
    shown, learnt = _Builder(), _Builder()
    done = 0
    for span, personal in sorted(spans, key=lambda pair: pair[0].start):
        for builder in (shown, learnt):
            builder.add(text[done : span.start])
        was = text[span.start : span.end]
        if personal or span.entity in HIDDEN_TOO:
            shown.add(f"[{span.entity}]", span.entity)
            value = _MADE_UP[span.entity](chance, was) if span.entity in _MADE_UP else span.entity
            learnt.add(value, None if span.entity in _UNMARKED else span.entity)
        else:
            shown.add(was, span.entity)
            learnt.add(was, span.entity)
        done = span.end
    for builder in (shown, learnt):
        builder.add(text[done:])
    return Hidden(shown.text, tuple(shown.spans), _utterance(learnt))


class _Builder:
    """A text put together from parts, and where its entities are."""

    def __init__(self) -> None:
        self.text = ""
        self.spans: list[Span] = []

    def add(self, part: str, entity: str | None = None) -> None:
        if entity is not None and part.strip():
            lead = len(part) - len(part.lstrip())
            start = len(self.text) + lead
            self.spans.append(Span(entity, start, start + len(part.strip())))
        self.text += part


def _utterance(learnt: _Builder) -> str:
    """One line of markup, cut where it is longer than what is learnt."""
    end = min(len(learnt.text), LONGEST)
    for span in learnt.spans:
        if span.start < end < span.end:
            end = span.start
    return on_one_line(marked(learnt.text[:end], [span for span in learnt.spans if span.end <= end]))
