"""Temperatures, scope and thresholds of a model as it is served, from the validation part."""

import os
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from nlu_models.runtime import Encoder
from nlu_models.runtime.encoder import softmax
from nlu_models.runtime.scope import SIGNS, Scope, features, write_scope
from nlu_models.runtime.wishes import OUT_OF_SCOPE, TALK, wishes_of
from nlu_models.training.augment import join
from nlu_models.training.calibration import (
    choose_margin,
    choose_second_wish,
    choose_thresholds,
    fit_signs,
    fit_temperature,
)
from nlu_models.training.dataset import Row
from nlu_models.training.split import Parts

Array = np.ndarray[Any, Any]
_Read = TypeVar("_Read")

#: Training messages of an intent whose vectors are kept: each costs time with every message, and with 40 scope
#: is told no better (area under the curve 0.9842 against 0.9841).
KNOWN = 10

#: Messages of two wishes that are made of validation messages.
JOINED = 200

#: Without messages out of scope to learn from: familiarity alone, steep around a cosine of 0.5.
_UNTAUGHT = (np.array([0.0, 0.0, 0.0, 10.0]), -5.0)

#: Without validation rows nothing is refused and nothing asked.
_UNCHOSEN = {"scope": 0.0, "intents": {}, "margin": 0.0, "second_wish": 1.0}


@dataclass(frozen=True)
class _Scored:
    """Scores of rows: (rows, intents), (rows, sentiments), (rows, width)."""

    intents: Array
    sentiments: Array
    vectors: Array


def uncalibrated_scope(labels: tuple[str, ...], width: int) -> Scope:
    """A scope model that lets everything pass, for a folder that is yet to be calibrated."""
    return Scope(np.zeros(len(SIGNS)), 0.0, np.zeros((1, width)), _rejected(labels))


def calibrate(encoder: Encoder, parts: Parts, folder: Path) -> dict[str, Any]:
    """Write the scope model into `folder`, and return temperatures and thresholds for its card.

    All is chosen on the validation rows, if there are any; the training rows in scope are what is known.
    """
    names = encoder.folder.intents
    rejected = _rejected(names)
    intents = parts.intents.validation
    known = _known(encoder)
    if not intents:
        write_scope(Scope(*_UNTAUGHT, known, rejected), folder)
        return {"temperatures": {"intent": 1.0, "sentiment": 1.0}, "thresholds": _UNCHOSEN}
    scored = _score(encoder, intents)
    truth = np.array([names.index(row.label) for row in intents])
    temperature = fit_temperature(scored.intents, truth)
    probabilities = softmax(scored.intents / temperature)
    signs = features(scored.intents, scored.vectors, known, rejected)
    inside = truth != rejected
    weights, bias = fit_signs(signs, inside) if 0 < inside.sum() < len(inside) else _UNTAUGHT
    write_scope(Scope(weights, bias, known, rejected), folder)
    scores = 1.0 / (1.0 + np.exp(-(signs @ weights + bias)))
    chosen = probabilities.argmax(axis=1)
    taken = chosen != rejected
    overall, of_intents = choose_thresholds(
        scores[taken], (chosen == truth)[taken], [names[place] for place in chosen[taken]]
    )
    second_wish = choose_second_wish(_wish_finder(encoder, temperature, intents))
    return {
        "temperatures": {
            "intent": temperature,
            "sentiment": _sentiment_temperature(encoder, parts.sentiments.validation),
        },
        "thresholds": {
            "scope": overall,
            "intents": of_intents,
            "margin": choose_margin(probabilities, truth),
            "second_wish": second_wish,
        },
    }


def _known(encoder: Encoder) -> Array:
    """The vectors of some training rows of each intent in scope, the first in order: `split` gives them by their hash."""
    neighbours = encoder.neighbours
    return np.concatenate(
        [
            neighbours.vectors[begin : min(begin + KNOWN, end)]
            for name, begin, end in zip(
                encoder.folder.intents, neighbours.begins[:-1], neighbours.begins[1:], strict=True
            )
            if name != OUT_OF_SCOPE
        ]
    )


def _wish_finder(
    encoder: Encoder, temperature: float, rows: list[Row]
) -> Callable[[float], tuple[list[bool], list[bool]]]:
    """What `choose_second_wish` asks: which messages would be read rightly at a given probability."""
    names = encoder.folder.intents
    single = [row for row in rows if row.label not in TALK]
    wanted = [*_pairs(single), *((row.text, ()) for row in single)]
    tops = [
        [(names[int(logits.argmax())], float(softmax(logits / temperature).max())) for logits in of_clauses]
        for of_clauses in of_each(encoder.clause_logits, [text for text, _ in wanted])
    ]

    def found(enough: float) -> tuple[list[bool], list[bool]]:
        right = [
            tuple(name for name, _ in wishes_of(of_text, enough)) == labels
            for of_text, (_, labels) in zip(tops, wanted, strict=True)
        ]
        pairs = len(right) - len(single)
        return right[:pairs] or [True], right[pairs:] or [True]

    return found


def _pairs(rows: list[Row]) -> list[tuple[str, tuple[str, ...]]]:
    chance = random.Random(0)
    if len({row.label for row in rows}) < 2:
        return []
    pairs: list[tuple[str, tuple[str, ...]]] = []
    while len(pairs) < JOINED:
        first, second = chance.choice(rows), chance.choice(rows)
        if first.label != second.label:
            pairs.append((join(first.text, second.text, chance), (first.label, second.label)))
    return pairs


def _sentiment_temperature(encoder: Encoder, rows: list[Row]) -> float:
    if not rows:
        return 1.0
    truth = np.array([encoder.folder.sentiments.index(row.label) for row in rows])
    return fit_temperature(_score(encoder, rows).sentiments, truth)


def _score(encoder: Encoder, rows: list[Row]) -> _Scored:
    scored = of_each(encoder.scores, [row.text for row in rows])
    return _Scored(
        np.stack([row.intents for row in scored]),
        np.stack([row.sentiments for row in scored]),
        np.stack([row.vector for row in scored]),
    )


def of_each(reading: Callable[[str], _Read], texts: Sequence[str]) -> list[_Read]:
    """What an encoder makes of texts, one by one as it is served, on all cores."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(reading, texts))


def _rejected(labels: tuple[str, ...]) -> int:
    return labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in labels else -1
