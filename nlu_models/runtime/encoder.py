"""Intent, sentiment and scope of a message by one pass of the encoder (ONNX, int8, one thread)."""

import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from nlu_models.runtime.model_folder import (
    MODEL_FILE,
    TOKENIZER_FILE,
    ModelFolder,
    ModelFolderError,
    read_model_folder,
)

OUT_OF_SCOPE = "out_of_scope"

#: More characters than `max_tokens` pieces can ever cover; spares the tokeniser a pasted novel.
MAX_CHARACTERS = 4_000

# The blocks of emoji and dingbats.
_PICTURE = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001faff]")


@dataclass(frozen=True)
class Understanding:
    """What one message means.

    Attributes:
        intent: the most probable intent, also when `in_scope` is false.
        confidence: its calibrated probability.
        ranking: every intent with its probability, the most probable first.
        in_scope: false when the intent is `out_of_scope` or the confidence is under the model's threshold.
        sentiment: the most probable sentiment.
        sentiment_confidence: its calibrated probability.
        sentiment_scores: each sentiment's probability.
        milliseconds: time taken, tokeniser included.
    """

    intent: str
    confidence: float
    ranking: list[tuple[str, float]]
    in_scope: bool
    sentiment: str
    sentiment_confidence: float
    sentiment_scores: dict[str, float]
    milliseconds: float


class Encoder:
    """A trained encoder, ready to serve. Safe to share between threads."""

    def __init__(
        self, folder: ModelFolder, tokenizer: Tokenizer, session: onnxruntime.InferenceSession
    ) -> None:
        self.folder = folder
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, folder: str | Path) -> "Encoder":
        """Check and load a model folder.

        Raises:
            ModelFolderError: the folder is incomplete, damaged, or its parts do not fit each other.
        """
        checked = read_model_folder(Path(folder))
        encoder = cls.with_model(checked, checked.path / MODEL_FILE)
        encoder.understand("warm up")
        return encoder

    @classmethod
    def with_model(cls, folder: ModelFolder, model: Path) -> "Encoder":
        """The encoder of a checked folder with another ONNX file, to compare them.

        Raises:
            ModelFolderError: tokeniser or model are unreadable, or do not fit the labels.
        """
        try:
            tokenizer = Tokenizer.from_file(str(folder.path / TOKENIZER_FILE))
        except Exception as error:  # tokenizers raises the bare Exception
            raise ModelFolderError(f"{folder.path / TOKENIZER_FILE}: unreadable: {error}") from None
        tokenizer.enable_truncation(max_length=folder.max_tokens)
        tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base class
            raise ModelFolderError(f"{model}: unreadable: {error}") from None
        _check_shapes(folder, model, session)
        return cls(folder, tokenizer, session)

    @property
    def model_id(self) -> str:
        """The content hash that names this model."""
        return self.folder.model_id

    def understand(self, text: str) -> Understanding:
        """Understand one message. An empty one is understood too, for what that is worth."""
        started = time.perf_counter()
        intent_logits, sentiment_logits = self.logits(text)
        folder = self.folder
        intents = softmax(intent_logits / folder.intent_temperature)
        sentiments = softmax(sentiment_logits / folder.sentiment_temperature)
        order = np.argsort(-intents, kind="stable")
        ranking = [(folder.intents[i], float(intents[i])) for i in order]
        intent, confidence = ranking[0]
        mood = int(np.argmax(sentiments))
        return Understanding(
            intent=intent,
            confidence=confidence,
            ranking=ranking,
            in_scope=intent != OUT_OF_SCOPE and confidence >= folder.scope_threshold,
            sentiment=folder.sentiments[mood],
            sentiment_confidence=float(sentiments[mood]),
            sentiment_scores={name: float(p) for name, p in zip(folder.sentiments, sentiments, strict=True)},
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def understand_all(self, texts: Iterable[str]) -> list[Understanding]:
        """Understand many messages, each exactly as `understand` would.

        One pass each: dynamic quantisation scales over the whole batch, so that in a batch a
        message's numbers would depend on its neighbours.
        """
        return [self.understand(text) for text in texts]

    def logits(self, text: str) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
        """Uncalibrated scores of the intents and of the sentiments, in the order of `folder`'s labels."""
        encoding = self._tokenizer.encode(readable(text[:MAX_CHARACTERS]))
        intents, sentiments = self._session.run(
            ["intent_logits", "sentiment_logits"],
            {
                "input_ids": np.array([encoding.ids], dtype=np.int64),
                "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            },
        )
        return intents[0], sentiments[0]


def readable(text: str) -> str:
    """`text` with the names of pictures in their place: the vocabulary has no emoji, and 👍 is an answer."""
    return _PICTURE.sub(lambda match: f" {unicodedata.name(match.group(), '').lower()} ", text)


def softmax(logits: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _check_shapes(folder: ModelFolder, model: Path, session: onnxruntime.InferenceSession) -> None:
    inputs = {item.name for item in session.get_inputs()}
    if inputs != {"input_ids", "attention_mask"}:
        raise ModelFolderError(f"{model}: inputs are {sorted(inputs)}, not input_ids and attention_mask")
    sizes = {item.name: item.shape[-1] for item in session.get_outputs()}
    for output, labels in (("intent_logits", folder.intents), ("sentiment_logits", folder.sentiments)):
        if sizes.get(output) != len(labels):
            raise ModelFolderError(
                f"{model}: {output} has {sizes.get(output)} scores, but labels.json names {len(labels)}"
            )
