"""How near passages are to a question by meaning; their vectors are made once for a model and a text."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actions.retrieval.passages import Passage
from actions.retrieval.types import Array
from nlu_models.runtime import Sentences


@dataclass(frozen=True)
class PassageVectors:
    """Vectors of length 1.

    Attributes:
        wholes: one row a passage.
        lines: of each passage in turn a row for its heading, then one for each sentence.
        starts: the row of each passage's heading.
    """

    wholes: Array
    lines: Array
    starts: Array


def load_or_make(passages: list[Passage], model: Sentences, cache: Path) -> PassageVectors:
    """The vectors from the cache; made, which takes seconds, and kept there when the text is new.

    Args:
        cache: folder for files by content.
    """
    lines = [[f"{passage.page.title}: {passage.heading}", *passage.sentences] for passage in passages]
    wholes = [passage.text for passage in passages]
    told = json.dumps([model.model_id, wholes, lines])
    file = cache / f"passages-{hashlib.sha256(told.encode()).hexdigest()[:24]}.npz"
    if not file.is_file():
        _write(file, model.vectors(wholes), model.vectors([line for group in lines for line in group]))
    starts = np.cumsum([0, *(len(group) for group in lines[:-1])])
    with np.load(file) as kept:
        return PassageVectors(kept["wholes"].astype(np.float32), kept["lines"].astype(np.float32), starts)


def _write(file: Path, wholes: Array, lines: Array) -> None:
    handle, partial = tempfile.mkstemp(dir=file.parent, prefix=".partial-")
    with os.fdopen(handle, "wb") as open_file:
        np.savez(open_file, wholes=wholes.astype(np.float16), lines=lines.astype(np.float16))
    Path(partial).replace(file)
