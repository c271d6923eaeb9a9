"""The training messages nearest to a message: what they were meant as speaks for that intent.

The network's head draws one plane for each intent; what was written much like a training message, or in its very
words, is told better by that message itself (as in k-nearest-neighbour language models: Khandelwal et al. 2020). Near
are messages whose sentence vectors point the same way and whose words are alike, in whatever order. Only messages of
the intents that the network finds likeliest are looked at, so that it costs a tenth of a millisecond.
"""

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from nlu_models.runtime.model_folder import NEIGHBOUR_VECTORS_FILE, NEIGHBOURS_FILE, ModelFolderError

Array = np.ndarray[Any, Any]

#: The intents, by the network's scores, whose messages are looked at.
LIKELIEST = 5

#: So many messages, the nearest by their vectors, speak.
NEAREST = 30

#: What likeness of words (0 to 1) weighs beside the cosine of vectors.
WORDS = 0.5

#: The likeness by which one neighbour's voice is e times another's.
SPREAD = 0.03

#: What the neighbours add to the score of an intent if all of them speak for it. These five were chosen on validation
#: messages of BANKING77 and our own: docs/understanding.md.
WEIGHT = 1.0


@dataclass(frozen=True)
class Neighbours:
    """Training messages, those of an intent side by side.

    Attributes:
        vectors: their sentence vectors, of length 1, (messages, width).
        words: their words in alphabetical order, small, (messages).
        begins: where the messages of each intent begin, and where the last ones end (one more than intents).
    """

    vectors: Array
    words: Array
    begins: tuple[int, ...]

    def votes(self, logits: Array, vector: Array, text: str) -> Array:
        """What is to be added to the scores (intents) of a message with this sentence vector and text."""
        likeliest = np.argpartition(-logits, min(LIKELIEST, len(logits)) - 1)[:LIKELIEST].tolist()
        spans = [(self.begins[intent], self.begins[intent + 1]) for intent in likeliest]
        direction = vector / max(math.sqrt(vector @ vector), 1e-9)
        cosines = np.concatenate([self.vectors[begin:end] @ direction for begin, end in spans])
        if not len(cosines):
            return np.zeros_like(logits)
        nearest = np.argpartition(-cosines, min(NEAREST, len(cosines)) - 1)[:NEAREST]
        places = np.concatenate([np.arange(begin, end) for begin, end in spans])[nearest]
        intents = np.repeat(likeliest, [end - begin for begin, end in spans])[nearest]
        likeness = cosines[nearest] + WORDS * _alike(text, self.words[places])
        voices = np.exp((likeness - likeness.max()) / SPREAD)
        return np.bincount(intents, WEIGHT * voices / voices.sum(), len(logits))


def neighbours_of(texts: Mapping[str, Sequence[str]], vectors: Array, intents: Sequence[str]) -> Neighbours:
    """Neighbours by their intents; `vectors` (messages, width) are in the order of `intents`."""
    counts = [len(texts.get(intent, ())) for intent in intents]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return Neighbours(
        vectors=(vectors / np.maximum(lengths, 1e-9)).astype(np.float32),
        words=np.array(
            [_in_order(text) for intent in intents for text in texts.get(intent, ())], dtype=object
        ),
        begins=tuple(itertools.accumulate(counts, initial=0)),
    )


def read_neighbours(folder: Path, intents: Sequence[str], width: int) -> Neighbours:
    """The neighbours in a model folder.

    Raises:
        ModelFolderError: a file is unreadable, or does not fit a model of these intents and such a width of vectors.
    """
    file, of_vectors = folder / NEIGHBOURS_FILE, folder / NEIGHBOUR_VECTORS_FILE
    try:
        texts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{file}: unreadable: {error}") from None
    try:
        vectors = np.load(of_vectors, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{of_vectors}: unreadable: {error}") from None
    of_texts = isinstance(texts, dict) and all(
        isinstance(some, list) and all(isinstance(text, str) for text in some) for some in texts.values()
    )
    if not of_texts or not texts.keys() <= set(intents):
        raise ModelFolderError(f"{file}: must be an object with a list of texts for each intent")
    if vectors.shape != (sum(map(len, texts.values())), width):
        raise ModelFolderError(
            f"{of_vectors}: does not fit the texts of {NEIGHBOURS_FILE} and vectors of {width}"
        )
    return neighbours_of(texts, vectors, intents)


def write_neighbours(texts: Mapping[str, Sequence[str]], vectors: Array, folder: Path) -> None:
    """Write texts by intent, and their sentence vectors in the same order, in half precision."""
    (folder / NEIGHBOURS_FILE).write_text(json.dumps(texts, ensure_ascii=False, indent=0), encoding="utf-8")
    np.save(folder / NEIGHBOUR_VECTORS_FILE, vectors.astype(np.float16))


def _alike(text: str, others: Array) -> Array:
    """How alike the words of a text are to those of others, in whatever order, from 0 to 1."""
    return np.asarray(process.cdist([_in_order(text)], others, scorer=fuzz.ratio)[0] / 100)


def _in_order(text: str) -> str:
    return " ".join(sorted(text.lower().split()))
