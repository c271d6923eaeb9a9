"""How surely a message is one of those that the assistant is for.

A soft-max spreads its mass over the intents whatever it is given; so the score also asks how high the scores
are before it (energy), and whether anything of the kind was ever seen in training (nearest neighbours in
the space of sentence vectors). Which signs are worth what is fitted on validation data; the comparison of
the methods on public data is kept in `bench/results`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu_models.runtime.model_folder import SCOPE_FILE, ModelFolderError

Array = np.ndarray[Any, Any]

#: The neighbour whose likeness counts: one alone may be a stray.
NEIGHBOUR = 3

#: The signs in the order of `features`.
SIGNS = ("confidence", "energy", "rejection", "familiarity")


@dataclass(frozen=True)
class Scope:
    """Scores messages by weighted signs.

    Attributes:
        weights: one for each of `SIGNS`.
        bias: what is added to their sum.
        known: sentence vectors of training messages in scope, of length 1, (messages, width).
        rejected: which of the intents' scores is that of `out_of_scope`; -1 without that intent.
    """

    weights: Array
    bias: float
    known: Array
    rejected: int

    def score(self, logits: Array, vector: Array) -> float:
        """From 0 to 1: how likely a message is in scope, by the (uncalibrated) `logits` of its intents and its
        sentence vector."""
        signs = features(logits[None], vector[None], self.known, self.rejected)[0]
        return float(1.0 / (1.0 + np.exp(-(signs @ self.weights + self.bias))))


def features(logits: Array, vectors: Array, known: Array, rejected: int) -> Array:
    """The signs of scope of messages (messages, signs), from (messages, intents) and (messages, width)."""
    inside = np.delete(logits, rejected, axis=1) if rejected >= 0 else logits
    energy = _log_sum_exp(inside)
    confidence = inside.max(axis=1) - energy
    rejection = logits[:, rejected] - energy if rejected >= 0 else np.zeros(len(logits))
    return np.stack([confidence, energy, rejection, familiarity(vectors, known)], axis=1)


def familiarity(vectors: Array, known: Array) -> Array:
    """The cosine between each vector and its `NEIGHBOUR`-th nearest of the known ones."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    likeness = (vectors / np.maximum(lengths, 1e-9)) @ known.T
    place = max(0, likeness.shape[1] - NEIGHBOUR)
    return np.asarray(np.partition(likeness, place, axis=1)[:, place])


def read_scope(folder: Path, intents: int, width: int) -> Scope:
    """The scope model in a model folder.

    Raises:
        ModelFolderError: the file is unreadable, or does not fit a model with so many intents and such a width of vectors.
    """
    file = folder / SCOPE_FILE
    try:
        with np.load(file, allow_pickle=False) as arrays:
            scope = Scope(
                weights=arrays["weights"].astype(np.float32),
                bias=float(arrays["bias"]),
                known=arrays["known"].astype(np.float32),
                rejected=int(arrays["rejected"]),
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelFolderError(f"{file}: unreadable: {error}") from None
    fits = scope.weights.shape == (len(SIGNS),) and scope.known.ndim == 2 and scope.known.shape[1] == width
    if not fits or not -1 <= scope.rejected < intents:
        raise ModelFolderError(f"{file}: does not fit a model of {intents} intents and vectors of {width}")
    return scope


def write_scope(scope: Scope, folder: Path) -> None:
    """Write the scope model into a model folder; the vectors in half precision, which changes no third decimal."""
    np.savez(
        folder / SCOPE_FILE,
        weights=scope.weights.astype(np.float32),
        bias=np.float32(scope.bias),
        known=scope.known.astype(np.float16),
        rejected=np.int64(scope.rejected),
    )


def _log_sum_exp(logits: Array) -> Array:
    highest = logits.max(axis=1, keepdims=True)
    return np.asarray((highest + np.log(np.exp(logits - highest).sum(axis=1, keepdims=True)))[:, 0])
