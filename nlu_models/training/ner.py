"""One recipe for a named-entity recogniser: spaCy's transition parser on a token encoder of its own.

The encoder may start from that of the English model, which has read millions of names. What the dialogue
has just asked for can be told to every token (its `TAG`), for "two" alone is a number of people or an hour.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import spacy
from spacy import util
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc.api import fix_random_seed, use_ops

from nlu_models.runtime.entities import SPACY_MODEL


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a text, and what they name."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Marked:
    """A text with its entities; `asked` is what the dialogue asked for (empty if nothing)."""

    text: str
    spans: tuple[Span, ...]
    asked: str = ""


@dataclass(frozen=True)
class NerRecipe:
    """The settings of a training.

    Attributes:
        width, depth: of the token encoder; the English model's are 96 and 4.
        from_english: start from the weights of the English model's encoder (of its width, and no deeper).
        hears_dialogue: `asked` is an input.
        dropout: of all layers.
        learn_rate: of Adam, at the start; it falls to a tenth over all epochs.
        batch: utterances in a step.
        epochs: the most.
        patience: epochs without a better validation F1 before it stops.
        lower_case: share of the texts that are shown in small letters, as half of all customers type.
    """

    width: int = 96
    depth: int = 4
    from_english: bool = True
    hears_dialogue: bool = False
    dropout: float = 0.3
    learn_rate: float = 1e-3
    batch: int = 32
    epochs: int = 12
    patience: int = 3
    lower_case: float = 0.3


@dataclass(frozen=True)
class NerProgress:
    """Where a training is."""

    epoch: int
    epochs: int
    f1: float
    seconds: float


@dataclass(frozen=True)
class FittedNer:
    """The best recogniser of a training by validation F1."""

    language: Language
    f1: float
    best_epoch: int
    epochs: int
    seconds: float


def fit_ner(
    train: Sequence[Marked],
    validation: Sequence[Marked],
    recipe: NerRecipe,
    *,
    seed: int = 7,
    vary: Callable[[Marked, random.Random], Marked] = lambda row, _: row,
    report: Callable[[NerProgress], None] = lambda _: None,
) -> FittedNer:
    """Train until the validation part gets no better or the epochs are done: never by the clock, to be repeatable.

    Args:
        vary: makes another row of each, anew in each epoch.
    """
    started = time.monotonic()
    fix_random_seed(seed)
    shuffle = random.Random(seed)
    # Matrix products by numpy: with those of thinc's own library a training takes a third longer (on a processor
    # without AVX-512).
    with use_ops("numpy", use_blis=False):
        language = _new_language(train, recipe)
    optimizer = language.initialize(lambda: _examples(language, train))
    if recipe.from_english:
        _take_over_encoder(language)
    averages = optimizer.averages
    best, best_epoch, best_weights, epoch = -1.0, 0, b"", 0
    rows = list(train)
    for epoch in range(1, recipe.epochs + 1):
        optimizer.learn_rate = recipe.learn_rate * (1 - 0.9 * (epoch - 1) / recipe.epochs)
        shuffle.shuffle(rows)
        shown = [vary(row, shuffle) for row in rows]
        shown = [_lowered(row) if shuffle.random() < recipe.lower_case else row for row in shown]
        for first in range(0, len(shown), recipe.batch):
            batch = _examples(language, shown[first : first + recipe.batch])
            language.update(batch, sgd=optimizer, drop=recipe.dropout)
        with language.use_params(averages):
            f1 = span_scores(validation, [find_spans(language, row) for row in validation])["all"]["f1"]
            if f1 > best:
                best, best_epoch, best_weights = f1, epoch, language.to_bytes()
        report(NerProgress(epoch, recipe.epochs, f1, time.monotonic() - started))
        if epoch - best_epoch >= recipe.patience:
            break
    language.from_bytes(best_weights)
    return FittedNer(language, best, best_epoch, epoch, time.monotonic() - started)


def find_spans(language: Language, row: Marked) -> list[Span]:
    """The entities that a trained recogniser finds in a row."""
    document = _document(language, row)
    language.get_pipe("ner")(document)
    return [Span(span.start_char, span.end_char, span.label_) for span in document.ents]


def span_scores(rows: Sequence[Marked], found: Sequence[Sequence[Span]]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of exact spans with the right label: for each label, and for `all` together."""
    labels = sorted({span.label for row in rows for span in row.spans})
    scores = {}
    for label in ("all", *labels):
        right = claimed = true = 0
        for row, spans in zip(rows, found, strict=True):
            wanted = {span for span in row.spans if label in {"all", span.label}}
            given = {span for span in spans if label in {"all", span.label}}
            right += len(wanted & given)
            claimed += len(given)
            true += len(wanted)
        precision, recall = right / claimed if claimed else 0.0, right / true if true else 0.0
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        scores[label] = {
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(f1, 4),
            "spans": true,
        }
    return scores


def _new_language(train: Sequence[Marked], recipe: NerRecipe) -> Language:
    language = spacy.blank("en")
    attributes, rows = ["NORM", "PREFIX", "SUFFIX", "SHAPE"], [5000, 1000, 2500, 2500]
    if recipe.hears_dialogue:
        attributes, rows = [*attributes, "TAG"], [*rows, 100]
    encoder = {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.MultiHashEmbed.v2",
            "width": recipe.width,
            "attrs": attributes,
            "rows": rows,
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": recipe.width,
            "depth": recipe.depth,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    }
    model = {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": encoder,
    }
    recogniser = language.add_pipe("ner", config={"model": model})
    for label in sorted({span.label for row in train for span in row.spans}):
        recogniser.add_label(label)  # type: ignore[attr-defined]
    return language


def _take_over_encoder(language: Language) -> None:
    """Copy the weights of the English recogniser's encoder, layer by layer.

    Where ours hears of the dialogue as well, it has one table and some columns more: those stay as they are.
    """
    english: Any = spacy.load(SPACY_MODEL, exclude=["tok2vec", "tagger", "parser", "senter", "lemmatizer"])
    # A shallower encoder takes the lower layers.
    for theirs, ours in zip(_layers(english), _layers(language), strict=False):
        for name in theirs.param_names:
            weights, known = ours.get_param(name).copy(), theirs.get_param(name)
            weights[tuple(slice(size) for size in known.shape)] = known
            ours.set_param(name, weights)


def _layers(language: Any) -> list[Any]:
    """The layers of a recogniser's encoder that have weights, without a fifth table of the embedding."""
    layers = [
        layer for layer in language.get_pipe("ner").model.get_ref("tok2vec").walk() if layer.param_names
    ]
    tables = [layer for layer in layers if layer.name == "hashembed"]
    return [layer for layer in layers if layer not in tables[4:]]


def _document(language: Language, row: Marked) -> Doc:
    document = language.make_doc(row.text)
    if row.asked:
        for token in document:
            token.tag_ = row.asked
    return document


def _examples(language: Language, rows: Sequence[Marked]) -> list[Example]:
    examples = []
    for row in rows:
        document = _document(language, row)
        reference = document.copy()
        spans = [
            document.char_span(span.start, span.end, span.label, alignment_mode="expand")
            for span in row.spans
        ]
        reference.ents = util.filter_spans([span for span in spans if span])
        examples.append(Example(document, reference))
    return examples


def _lowered(row: Marked) -> Marked:
    lowered = row.text.lower()
    # A few letters (İ) grow when made small; such a text stays as it is.
    return Marked(lowered, row.spans, row.asked) if len(lowered) == len(row.text) else row
