"""The intents' head by itself: what the network applies to a message, for parts of one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu_models.runtime.model_folder import HEAD_FILE, ModelFolderError

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class IntentHead:
    """A linear layer: weights (intents, width) and bias (intents)."""

    weights: Array
    bias: Array

    def scores(self, vector: Array) -> Array:
        """Uncalibrated scores of the intents of a vector (width)."""
        return np.asarray(self.weights @ vector + self.bias)


def read_head(folder: Path, intents: int, width: int) -> IntentHead:
    """The head in a model folder.

    Raises:
        ModelFolderError: the file is unreadable, or does not fit the model.
    """
    file = folder / HEAD_FILE
    try:
        with np.load(file, allow_pickle=False) as arrays:
            head = IntentHead(arrays["weights"].astype(np.float32), arrays["bias"].astype(np.float32))
    except (OSError, ValueError, KeyError) as error:
        raise ModelFolderError(f"{file}: unreadable: {error}") from None
    if head.weights.shape != (intents, width) or head.bias.shape != (intents,):
        raise ModelFolderError(f"{file}: does not fit a model of {intents} intents and vectors of {width}")
    return head


def write_head(head: IntentHead, folder: Path) -> None:
    """Write the head into a model folder."""
    np.savez(folder / HEAD_FILE, weights=head.weights, bias=head.bias)
