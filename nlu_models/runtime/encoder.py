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

from nlu_models.runtime.clauses import clauses
from nlu_models.runtime.model_folder import (
    MODEL_FILE,
    TOKENIZER_FILE,
    ModelFolder,
    ModelFolderError,
    read_model_folder,
)
from nlu_models.runtime.scope import Scope, read_scope

Array = np.ndarray[Any, Any]

OUT_OF_SCOPE = "out_of_scope"

#: What accompanies a wish, and is none itself.
TALK = frozenset({"greet", "goodbye", "thank", "affirm", "deny", "inform", OUT_OF_SCOPE})

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
        in_scope: false when the intent is `out_of_scope` or the scope score is under the intent's threshold.
        scope_score: from 0 to 1, how likely the message is one that the assistant is for.
        alternatives: the intents between which it is open, with their probabilities: two that are close, or
            the wishes of a message with several; empty when the intent is clear.
        wishes: the intents of a message with two or more wishes, in their order; empty otherwise.
        sentiment: the most probable sentiment; empty when the model was trained without.
        sentiment_confidence: its calibrated probability.
        sentiment_scores: each sentiment's probability.
        milliseconds: time taken, tokeniser included.
    """

    intent: str
    confidence: float
    ranking: list[tuple[str, float]]
    in_scope: bool
    scope_score: float
    alternatives: list[tuple[str, float]]
    wishes: tuple[str, ...]
    sentiment: str
    sentiment_confidence: float
    sentiment_scores: dict[str, float]
    milliseconds: float


@dataclass(frozen=True)
class Scores:
    """What the network says of one message.

    Attributes:
        intents, sentiments: uncalibrated scores in the order of the folder's labels.
        vector: the sentence vector.
    """

    intents: Array
    sentiments: Array
    vector: Array


class Encoder:
    """A trained encoder, ready to serve. Safe to share between threads."""

    def __init__(
        self,
        folder: ModelFolder,
        tokenizer: Tokenizer,
        session: onnxruntime.InferenceSession,
        scope: Scope,
    ) -> None:
        self.folder = folder
        self._tokenizer = tokenizer
        self._session = session
        self._scope = scope
        self._outputs = [item.name for item in session.get_outputs()]

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
        return cls(folder, tokenizer, session, read_scope(folder.path, len(folder.intents)))

    @property
    def model_id(self) -> str:
        """The content hash that names this model."""
        return self.folder.model_id

    def understand(self, text: str) -> Understanding:
        """Understand one message. An empty one is understood too, for what that is worth."""
        started = time.perf_counter()
        folder = self.folder
        scores = self.scores(text)
        ranking = self._ranking(scores)
        intent, confidence = ranking[0]
        scope_score = self._scope.score(scores.intents, scores.vector)
        wishes = self._wishes(text, ranking)
        sentiments = softmax(scores.sentiments / folder.sentiment_temperature)
        mood = int(np.argmax(sentiments)) if len(sentiments) else None
        return Understanding(
            intent=intent,
            confidence=confidence,
            ranking=ranking,
            in_scope=intent != OUT_OF_SCOPE and scope_score >= folder.thresholds.of(intent),
            scope_score=scope_score,
            alternatives=alternatives(ranking, wishes, folder.thresholds.margin),
            wishes=wishes,
            sentiment="" if mood is None else folder.sentiments[mood],
            sentiment_confidence=0.0 if mood is None else float(sentiments[mood]),
            sentiment_scores={name: float(p) for name, p in zip(folder.sentiments, sentiments, strict=True)},
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def understand_all(self, texts: Iterable[str]) -> list[Understanding]:
        """Understand many messages, each exactly as `understand` would.

        One pass each: dynamic quantisation scales over the whole batch, so that in a batch a
        message's numbers would depend on its neighbours.
        """
        return [self.understand(text) for text in texts]

    def scores(self, text: str) -> Scores:
        """What the network says of `text`, before calibration."""
        encoding = self._tokenizer.encode(readable(text[:MAX_CHARACTERS]))
        outputs = self._session.run(
            None,
            {
                "input_ids": np.array([encoding.ids], dtype=np.int64),
                "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            },
        )
        by_name = dict(zip(self._outputs, outputs, strict=True))
        sentiments = by_name["sentiment_logits"][0] if self.folder.sentiments else np.zeros(0, np.float32)
        return Scores(by_name["intent_logits"][0], sentiments, by_name["sentence_vector"][0])

    def _ranking(self, scores: Scores) -> list[tuple[str, float]]:
        probabilities = softmax(scores.intents / self.folder.intent_temperature)
        order = np.argsort(-probabilities, kind="stable")
        return [(self.folder.intents[place], float(probabilities[place])) for place in order]

    def _wishes(self, text: str, ranking: list[tuple[str, float]]) -> tuple[str, ...]:
        """The wishes of a message with several: intents that are likely in the whole, and each of them the
        likeliest of one clause. The clauses are read only when a second intent is likely enough."""
        likely = likely_wishes(ranking, self.folder.thresholds.second_wish)
        return wishes_in_order(likely, self.clause_intents(text)) if len(likely) > 1 else ()

    def clause_intents(self, text: str) -> list[str]:
        """The likeliest intent of each clause of `text`, in order."""
        return [self._ranking(self.scores(clause))[0][0] for clause in clauses(text)]


def likely_wishes(ranking: list[tuple[str, float]], enough: float) -> set[str]:
    """The intents with a probability of `enough`, without those that only accompany a wish."""
    return {name for name, probability in ranking if probability >= enough and name not in TALK}


def wishes_in_order(likely: set[str], of_clauses: list[str]) -> tuple[str, ...]:
    """The likely intents that are also the likeliest of a clause, in the clauses' order; none if it is but one."""
    found = tuple(dict.fromkeys(intent for intent in of_clauses if intent in likely))
    return found if len(found) > 1 else ()


def alternatives(
    ranking: list[tuple[str, float]], wishes: tuple[str, ...], margin: float
) -> list[tuple[str, float]]:
    """The wishes in their order, else the first two of the ranking if they are closer than `margin`."""
    if wishes:
        probabilities = dict(ranking)
        return [(wish, probabilities[wish]) for wish in wishes]
    (_, first), (second_name, second) = ranking[:2]
    close = first - second < margin and ranking[0][0] != OUT_OF_SCOPE != second_name
    return list(ranking[:2]) if close else []


def readable(text: str) -> str:
    """`text` with the names of pictures in their place: the vocabulary has no emoji, and 👍 is an answer."""
    return _PICTURE.sub(lambda match: f" {unicodedata.name(match.group(), '').lower()} ", text)


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _check_shapes(folder: ModelFolder, model: Path, session: onnxruntime.InferenceSession) -> None:
    inputs = {item.name for item in session.get_inputs()}
    if inputs != {"input_ids", "attention_mask"}:
        raise ModelFolderError(f"{model}: inputs are {sorted(inputs)}, not input_ids and attention_mask")
    sizes = {item.name: item.shape[-1] for item in session.get_outputs()}
    if "sentence_vector" not in sizes:
        raise ModelFolderError(f"{model}: has no output sentence_vector")
    for output, labels in (("intent_logits", folder.intents), ("sentiment_logits", folder.sentiments)):
        if labels and sizes.get(output) != len(labels):
            raise ModelFolderError(
                f"{model}: {output} has {sizes.get(output)} scores, but labels.json names {len(labels)}"
            )
