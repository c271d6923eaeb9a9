"""The shop's own recogniser: what it learns from, and how it is trained and kept."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import spacy
import yaml

from nlu_models.runtime.entities import SPACY_MODEL
from nlu_models.runtime.people import looks_like_a_person
from nlu_models.runtime.places import looks_like_a_place
from nlu_models.training.markup import MarkupError, parse
from nlu_models.training.ner import Marked, NerProgress, NerRecipe, Span, find_spans, fit_ner, span_scores
from nlu_models.training.ner_names import renamed

#: Kinds that a model finds where rules can't: ids, addresses, amounts and dates have forms of their own.
LEARNT = ("person", "place", "product")

#: The lower half of the English model's encoder: as good as all of it, in two thirds of the time.
RECIPE = NerRecipe(depth=2, batch=64, learn_rate=2e-3, epochs=7)


def train_ner(
    rows: Sequence[Marked],
    validation_rows: Sequence[Marked],
    folder: Path,
    seed: int = 7,
    report: Callable[[NerProgress], None] = lambda _: None,
) -> dict[str, Any]:
    """Train the recogniser and write it to `folder`, which `Entities.load(catalogue, folder)` reads.

    Returns:
        Exact-span precision, recall and F1 on the validation rows (`all` and each label), epochs and seconds.
    """
    fitted = fit_ner(_with_names(rows), validation_rows, RECIPE, seed=seed, vary=renamed, report=report)
    fitted.language.to_disk(folder)
    found = [find_spans(fitted.language, row) for row in validation_rows]
    return {
        "rows": {"train": len(rows), "validation": len(validation_rows)},
        "validation": span_scores(validation_rows, found),
        "epochs": fitted.epochs,
        "best_epoch": fitted.best_epoch,
        "seconds": round(fitted.seconds, 1),
    }


def read_marked(nlu_folder: Path) -> list[Marked]:
    """Every utterance of the folder's `*.yml` with its persons, places and products.

    The reading is lenient, for `dataset.read_dataset` reports what is wrong with a file.
    """
    rows: dict[str, Marked] = {}
    for file in sorted(nlu_folder.glob("**/*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu") or []:
            if "intent" not in block:
                continue
            for line in block["examples"].splitlines():
                if row := _row(line):
                    rows.setdefault(row.text.casefold(), row)
    return list(rows.values())


def _with_names(rows: Sequence[Marked]) -> list[Marked]:
    """The rows with the names that the English model finds in them as well.

    So what it knows is rehearsed, and it need not be loaded where messages are understood.
    """
    english = spacy.load(SPACY_MODEL, exclude=["tok2vec", "tagger", "parser", "senter", "lemmatizer"])
    richer = []
    for row, document in zip(rows, english.pipe([row.text for row in rows]), strict=True):
        spans = list(row.spans)
        for found in document.ents:
            start, end = found.start_char, found.end_char
            person = found.label_ == "PERSON" and found.text[0].isupper() and looks_like_a_person(found.text)
            place = found.label_ == "GPE" and looks_like_a_place(row.text, start, end)
            if (person or place) and all(end <= span.start or span.end <= start for span in spans):
                spans.append(Span(start, end, "person" if person else "place"))
        richer.append(Marked(row.text, tuple(spans), row.asked))
    return richer


def _row(line: str) -> Marked | None:
    try:
        text, annotations = parse(line.removeprefix("- "))
    except MarkupError:
        return None
    spans = tuple(Span(a.start, a.end, a.entity) for a in annotations if a.entity in LEARNT)
    return Marked(text, spans) if text.strip() else None
