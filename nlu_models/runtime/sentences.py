"""Sentence vectors of the base model, as it was before any fine-tuning: the better judge of what a text is about."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from nlu_models.runtime.characters import encodable
from nlu_models.runtime.model_folder import CARD_FILE, MODEL_FILE, TOKENIZER_FILE, ModelFolderError, sha256

Array = np.ndarray[Any, Any]

#: The files that the card of a sentence model vouches for.
SENTENCE_FILES = (MODEL_FILE, TOKENIZER_FILE)
#: More characters than a sentence model's tokens can ever cover.
_MOST_CHARACTERS = 4_000


class Sentences:
    """Texts to vectors of length 1, whose product is their likeness (ONNX, int8, one thread)."""

    def __init__(self, model_id: str, tokenizer: Tokenizer, session: onnxruntime.InferenceSession) -> None:
        self.model_id = model_id
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, folder: Path) -> "Sentences":
        """Check and load the folder that `python -m nlu_models export-sentences` made.

        Raises:
            ModelFolderError: a file is missing, or is not the one that was exported.
        """
        try:
            card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
            for name in SENTENCE_FILES:
                if sha256(folder / name) != card["files"][name]:
                    raise ModelFolderError(f"{folder / name}: damaged or changed")
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise ModelFolderError(
                f"{folder}: no usable sentence model ({error}); `python -m nlu_models export-sentences` makes it"
            ) from None
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        tokenizer.enable_truncation(max_length=int(card["max_tokens"]))
        tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
        )
        return cls(str(card["model_id"]), tokenizer, session)

    def vector(self, text: str) -> Array:
        """The vector of one text."""
        encoding = self._tokenizer.encode(encodable(text[:_MOST_CHARACTERS]))
        [vectors] = self._session.run(
            ["sentence_vector"],
            {
                "input_ids": np.array([encoding.ids], dtype=np.int64),
                "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            },
        )
        return np.asarray(vectors[0])

    def vectors(self, texts: list[str]) -> Array:
        """The vectors of several, one row each; one pass each, since quantisation scales over a whole batch."""
        return np.stack([self.vector(text) for text in texts])
