"""The shop's own recogniser: what it learns from, and how it is trained and kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import spacy

from nlu_models.runtime.entities import SPACY_MODEL
from nlu_models.runtime.model_folder import sha256
from nlu_models.runtime.models import NER_FOLDER
from nlu_models.runtime.people import looks_like_a_person
from nlu_models.runtime.places import looks_like_a_place
from nlu_models.training.dataset import Row
from nlu_models.training.ner import (
    FittedNer,
    Marked,
    NerProgress,
    NerRecipe,
    Span,
    find_spans,
    fit_ner,
    span_scores,
)
from nlu_models.training.ner_names import renamed
from nlu_models.training.split import Split

#: Kinds that a model finds where rules can't: ids, addresses, amounts and dates have forms of their own.
LEARNT = ("person", "place", "product")

#: The lower half of the English model's encoder: as good as all of it, in two thirds of the time.
RECIPE = NerRecipe(depth=2, batch=64, learn_rate=2e-3, epochs=3, patience=1)


#: The fewest marked utterances to learn from; with less the English model knows more.
FEWEST = 100


@dataclass(frozen=True)
class Recogniser:
    """A recogniser in its model folder, or why there is none.

    Attributes:
        about: what the card says of its training; `trained` is whether it was.
        files: SHA-256 of its files, by their names in the model folder.
        scores: precision, recall and F1 of exact spans on the test part, and the F1 of each kind; the recogniser
            alone, without the rules that go before it.
    """

    about: dict[str, Any]
    files: dict[str, str]
    scores: dict[str, float]


def add_recogniser(
    folder: Path, parts: Split, seed: int, report: Callable[[NerProgress], None] = lambda _: None
) -> Recogniser:
    """Train the recogniser on the marked utterances into the model folder `folder`, unless they are too few."""
    count = sum(bool(row.spans) for row in marked(parts.train))
    if count < FEWEST:
        why = f"{count} utterances to learn from are marked; {FEWEST} is the least"
        return Recogniser({"trained": False, "why": why}, {}, {})
    fitted = train_ner(marked(parts.train), marked(parts.validation), folder / NER_FOLDER, seed, report)
    test = marked(parts.test)
    scores = span_scores(test, [find_spans(fitted.language, row) for row in test])
    about = {
        "trained": True,
        "marked": count,
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "validation_f1": fitted.f1,
        "seconds": round(fitted.seconds, 1),
        "spacy": version("spacy"),
    }
    files = {
        str(file.relative_to(folder)): sha256(file)
        for file in sorted((folder / NER_FOLDER).rglob("*"))
        if file.is_file()
    }
    return Recogniser(
        about,
        files,
        {name: scores["all"][name] for name in ("precision", "recall", "f1")}
        | {f"{kind}_f1": scores[kind]["f1"] for kind in LEARNT if kind in scores},
    )


def train_ner(
    rows: Sequence[Marked],
    validation_rows: Sequence[Marked],
    folder: Path,
    seed: int = 7,
    report: Callable[[NerProgress], None] = lambda _: None,
) -> FittedNer:
    """Train the recogniser and write it to `folder`, which `Entities.load(catalogue, folder)` reads."""
    fitted = fit_ner(_with_names(rows), validation_rows, RECIPE, seed=seed, vary=renamed, report=report)
    fitted.language.to_disk(folder)
    return fitted


def marked(rows: Sequence[Row]) -> list[Marked]:
    """The utterances with the persons, places and products that are marked in them."""
    return [
        Marked(row.text, tuple(Span(a.start, a.end, a.entity) for a in row.entities if a.entity in LEARNT))
        for row in rows
    ]


def _with_names(rows: Sequence[Marked]) -> list[Marked]:
    """The rows with the names that the English model finds in them as well.

    So what it knows is rehearsed, and it need not be loaded where messages are understood.
    """
    english = spacy.load(SPACY_MODEL, exclude=["tok2vec", "tagger", "parser", "senter", "lemmatizer"])
    # Only a name with a capital is taken from it.
    texts = [row.text for row in rows if row.text != row.text.lower()]
    documents = dict(zip(texts, english.pipe(texts), strict=True))
    richer = []
    for row in rows:
        document = documents.get(row.text)
        spans = list(row.spans)
        for found in document.ents if document else ():
            start, end = found.start_char, found.end_char
            person = found.label_ == "PERSON" and found.text[0].isupper() and looks_like_a_person(found.text)
            place = found.label_ == "GPE" and looks_like_a_place(row.text, start, end)
            if (person or place) and all(end <= span.start or span.end <= start for span in spans):
                spans.append(Span(start, end, "person" if person else "place"))
        richer.append(Marked(row.text, tuple(spans), row.asked))
    return richer
