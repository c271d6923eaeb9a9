"""The passage that answers a question: likeness in meaning and in words together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actions.retrieval.extract import extract
from actions.retrieval.passages import Passage, passages_of
from actions.retrieval.types import Array
from actions.retrieval.vectors import PassageVectors, load_or_make
from actions.retrieval.words import Words
from common.help_pages import read_help_pages
from nlu_models.runtime import Sentences

# Chosen on the 110 questions `settings` of tests/actions/retrieval/questions.yml, and 50 messages that no passage
# answers. By meaning alone 77 % of the passages came first, by words alone 50 %, by both 87 %; by the sum of
# reciprocal ranks, whose value tells nothing about whether a passage fits at all, 67 %.
_WORDS_WEIGHT = 0.2
#: From which score on a passage answers: few of them are wrong ones then, though others stay unsaid.
ANSWERS = 0.52
#: From which it is pointed to as one that may help.
MAY_HELP = 0.47
#: Of meaning, how much the nearest sentence counts beside the whole passage.
_SENTENCE_WEIGHT = 0.5


@dataclass(frozen=True)
class Found:
    """A passage for a question.

    Attributes:
        score: from 0 to 1 how well it fits, of `meaning` and `words`.
        extract: its one to three sentences that say most about the question.
    """

    passage: Passage
    score: float
    meaning: float
    words: float
    extract: tuple[str, ...]


class Finder:
    """All passages, ready to be searched."""

    def __init__(self, passages: Sequence[Passage], model: Sentences, vectors: PassageVectors) -> None:
        self.passages = list(passages)
        self._model = model
        self._vectors = vectors
        self._words = Words([passage.text for passage in self.passages])

    @classmethod
    def load(cls, data: Path, model_folder: Path) -> "Finder":
        """Read the pages and make what they are searched by; new text takes seconds, known text none.

        Args:
            data: the folder with the pages and the policy.
            model_folder: of the sentence model; the vectors are kept there too.

        Raises:
            PageFault: a page is not usable.
            ModelFolderError: there is no usable model.
        """
        model = Sentences.load(model_folder)
        passages = passages_of(read_help_pages(data).values())
        return cls(passages, model, load_or_make(passages, model, model_folder))

    def find(self, question: str, most: int = 1) -> list[Found]:
        """The best passages, best first. Takes some five milliseconds of one processor."""
        vector = self._model.vector(question)
        lines = self._vectors.lines @ vector
        nearest = np.maximum.reduceat(lines, self._vectors.starts)
        meaning = (1 - _SENTENCE_WEIGHT) * (self._vectors.wholes @ vector) + _SENTENCE_WEIGHT * nearest
        words = self._words.shares(question)
        scores = (1 - _WORDS_WEIGHT) * meaning + _WORDS_WEIGHT * words
        return [
            self._found(int(place), scores, meaning, words, lines) for place in np.argsort(-scores)[:most]
        ]

    def _found(self, place: int, scores: Array, meaning: Array, words: Array, lines: Array) -> Found:
        passage = self.passages[place]
        first = int(self._vectors.starts[place]) + 1  # the heading's line comes before the sentences
        likeness = lines[first : first + len(passage.sentences)]
        return Found(
            passage,
            float(scores[place]),
            float(meaning[place]),
            float(words[place]),
            extract(passage.sentences, likeness),
        )
