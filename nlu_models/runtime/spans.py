"""What was found where in a message."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Entity:
    """A piece of a message with a meaning.

    Attributes:
        entity: `order_id`, `email`, `phone`, `money`, `card_number`, `product`, `date`, `person` or `place`
            (and, in personal data alone, `iban`, `bank_account`, `postcode` or `address`).
        value: the normalised value (`RP-100234`, `£40.00`, a product's SKU or, if the catalogue has none, its
            words; a date in ISO 8601, or its words); card numbers only masked.
        start, end: characters of the message, `text[start:end]`.
        extractor: `rules`, `catalogue` or `spacy` (a model).
        confidence: 1.0 for an unmistakable form, less for a guess.
    """

    entity: str
    value: str
    start: int
    end: int
    extractor: str
    confidence: float


def without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    """Keep the first of overlapping entities (the order given is the precedence), sorted by place."""
    kept: list[Entity] = []
    taken: set[int] = set()
    for entity in entities:
        places = range(entity.start, entity.end)
        if taken.isdisjoint(places):
            kept.append(entity)
            taken.update(places)
    return sorted(kept, key=lambda entity: entity.start)
