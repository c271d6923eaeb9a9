"""Intent, sentiment and scope of a message by one pass of the encoder (ONNX, int8, one thread)."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from nlu_models.runtime.clauses import clauses
from nlu_models.runtime.intent_head import IntentHead, read_head
from nlu_models.runtime.model_folder import (
    MODEL_FILE,
    TOKENIZER_FILE,
    ModelFolder,
    ModelFolderError,
    read_model_folder,
)
from nlu_models.runtime.neighbours import Neighbours, read_neighbours
from nlu_models.runtime.reading import readable
from nlu_models.runtime.scope import Scope, read_scope
from nlu_models.runtime.spelling import Spelling
from nlu_models.runtime.wishes import OUT_OF_SCOPE, clause_in_doubt, close_intents, wishes_of

Array = np.ndarray[Any, Any]

#: More characters than `max_tokens` pieces can ever cover; spares the tokeniser a pasted novel.
MAX_CHARACTERS = 4_000


@dataclass(frozen=True)
class Understanding:
    """What one message means.

    Attributes:
        intent: the most probable intent, of a message with several wishes the first wish; also when `in_scope` is
            false.
        confidence: its calibrated probability, of a wish that of its clause.
        ranking: every intent with its probability for the whole message, the most probable first.
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
        intents, sentiments: uncalibrated scores in the order of the folder's labels; the intents' with what the nearest
            training messages add.
        vector: the sentence vector, the mean of the token vectors.
        tokens: the vectors of the tokens, (tokens, width).
        offsets: the characters of the text as it was read that each token stands for, (tokens, 2).
    """

    intents: Array
    sentiments: Array
    vector: Array
    tokens: Array
    offsets: Array


class Encoder:
    """A trained encoder, ready to serve. Safe to share between threads."""

    def __init__(
        self,
        folder: ModelFolder,
        tokenizer: Tokenizer,
        session: onnxruntime.InferenceSession,
        *,
        scope: Scope,
        head: IntentHead,
        spelling: Spelling,
        neighbours: Neighbours,
    ) -> None:
        self.folder = folder
        self._tokenizer = tokenizer
        self._session = session
        self.scope = scope
        self.head = head
        self.spelling = spelling
        self.neighbours = neighbours
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
            # The sum with its norm as one operator takes three times as long as the two.
            session = onnxruntime.InferenceSession(
                str(model),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except Exception as error:  # onnxruntime's errors share no base class
            raise ModelFolderError(f"{model}: unreadable: {error}") from None
        _check_shapes(folder, model, session)
        width = {item.name: item.shape[-1] for item in session.get_outputs()}["sentence_vector"]
        return cls(
            folder,
            tokenizer,
            session,
            scope=read_scope(folder.path, len(folder.intents), width),
            head=read_head(folder.path, len(folder.intents), width),
            spelling=Spelling.load(folder.path, tokenizer.get_vocab(with_added_tokens=False)),
            neighbours=read_neighbours(folder.path, folder.intents, width),
        )

    @property
    def model_id(self) -> str:
        """The content hash that names this model."""
        return self.folder.model_id

    def understand(self, text: str) -> Understanding:
        """Understand one message. An empty one is understood too, for what that is worth."""
        started = time.perf_counter()
        folder = self.folder
        written = self.as_read(text)
        scores = self._scores(written)
        ranking = self._ranking(scores.intents)
        tops = [
            self._top(logits, folder.intent_temperature) for logits in self._clause_logits(written, scores)
        ]
        wishes = wishes_of(tops, folder.thresholds.second_wish)
        intent, confidence = wishes[0] if wishes else ranking[0]
        scope_score = self.scope.score(scores.intents, scores.vector)
        sentiments = softmax(scores.sentiments / folder.sentiment_temperature)
        mood = int(np.argmax(sentiments)) if len(sentiments) else None
        return Understanding(
            intent=intent,
            confidence=confidence,
            ranking=ranking,
            in_scope=intent != OUT_OF_SCOPE and scope_score >= folder.thresholds.of(intent),
            scope_score=scope_score,
            alternatives=wishes or close_intents(ranking, folder.thresholds.margin),
            wishes=tuple(name for name, _ in wishes),
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
        return self._scores(self.as_read(text))

    def clause_logits(self, text: str) -> list[Array]:
        """Uncalibrated scores of the intents for each clause of `text`, in order; none when it has but one."""
        written = self.as_read(text)
        return self._clause_logits(written, self._scores(written))

    def as_read(self, text: str) -> str:
        """What is read of `text`: pictures by name, slips mended."""
        return self.spelling.corrected(readable(text[:MAX_CHARACTERS]), self.folder.max_tokens)

    def _scores(self, written: str) -> Scores:
        encoding = self._tokenizer.encode(written)
        outputs = self._session.run(
            None,
            {
                "input_ids": np.array([encoding.ids], dtype=np.int64),
                "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            },
        )
        by_name = dict(zip(self._outputs, outputs, strict=True))
        logits, vector = by_name["intent_logits"][0], by_name["sentence_vector"][0]
        return Scores(
            intents=logits + self.neighbours.votes(logits, vector, written),
            sentiments=by_name["sentiment_logits"][0] if self.folder.sentiments else np.zeros(0, np.float32),
            vector=vector,
            tokens=by_name["token_vectors"][0],
            offsets=np.array(encoding.offsets),
        )

    def _ranking(self, logits: Array) -> list[tuple[str, float]]:
        probabilities = softmax(logits / self.folder.intent_temperature)
        order = np.argsort(-probabilities, kind="stable")
        return [(self.folder.intents[place], float(probabilities[place])) for place in order]

    def _clause_logits(self, written: str, scores: Scores) -> list[Array]:
        """The intents' head on the mean token vector of each clause: the pass over the whole message serves
        them all. Training teaches it on utterances that were joined.

        Where a second wish hangs on a clause in doubt (its neighbour's wish may colour it), that clause is also
        read by itself, and its scores are the mean.
        """
        spans = clauses(written)
        if len(spans) < 2:
            return []
        read: list[tuple[int, int]] = []
        found: list[Array] = []
        for begin, end in spans:
            inside = (scores.offsets[:, 0] >= begin) & (scores.offsets[:, 1] <= end)
            # The tokens that the tokeniser adds stand for no characters.
            inside &= scores.offsets[:, 1] > scores.offsets[:, 0]
            if inside.any():
                read.append((begin, end))
                found.append(self.head.scores(scores.tokens[inside].mean(axis=0)))
        doubted = clause_in_doubt([self._top(logits) for logits in found])
        if doubted is not None:
            begin, end = read[doubted]
            found[doubted] = (found[doubted] + self._scores(written[begin:end]).intents) / 2
        return found

    def _top(self, logits: Array, temperature: float = 1.0) -> tuple[str, float]:
        probabilities = softmax(logits / temperature)
        place = int(probabilities.argmax())
        return self.folder.intents[place], float(probabilities[place])


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis; none of no scores."""
    if not logits.size:
        return logits
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def _check_shapes(folder: ModelFolder, model: Path, session: onnxruntime.InferenceSession) -> None:
    inputs = {item.name for item in session.get_inputs()}
    if inputs != {"input_ids", "attention_mask"}:
        raise ModelFolderError(f"{model}: inputs are {sorted(inputs)}, not input_ids and attention_mask")
    sizes = {item.name: item.shape[-1] for item in session.get_outputs()}
    for output in ("sentence_vector", "token_vectors"):
        if not isinstance(sizes.get(output), int):
            raise ModelFolderError(f"{model}: has no output {output} of a fixed width")
    for output, labels in (("intent_logits", folder.intents), ("sentiment_logits", folder.sentiments)):
        if labels and sizes.get(output) != len(labels):
            raise ModelFolderError(
                f"{model}: {output} has {sizes.get(output)} scores, but labels.json names {len(labels)}"
            )
