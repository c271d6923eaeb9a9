"""How well passages fit a question by its words: BM25, as a share of what a perfect passage would have."""

import re

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS
from rapidfuzz import process
from rapidfuzz.distance import OSA

from actions.retrieval.types import Array

_WORD = re.compile(r"\b\w\w+\b")
_STOP_WORDS = frozenset(STOPWORDS_EN_PLUS)
#: Shorter words are other words, not misspelt ones.
_SHORTEST_MISSPELT = 5


class Words:
    """An index of texts by their words."""

    def __init__(self, texts: list[str]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._index = bm25s.BM25()
        self._index.index([self._tokens(text) for text in texts], show_progress=False)
        self._vocabulary = [word for word in self._index.vocab_dict if word]
        best = {word: float(self._index.get_scores([word]).max()) for word in self._vocabulary}
        #: What a word that no text has would count, as the rarest one does.
        self._rarest = max(best.values())
        self._best = best

    def shares(self, question: str) -> Array:
        """For each text from 0 (no word of the question) to 1 (each as well as any text has it)."""
        words = [self._known(word) for word in dict.fromkeys(self._tokens(question))]
        known = [word for word in words if word in self._best]
        if not known:
            return np.zeros(self._index.scores["num_docs"], np.float32)
        ceiling = sum(self._best.get(word, self._rarest) for word in words)
        return np.asarray(self._index.get_scores(known) / ceiling)

    def _known(self, word: str) -> str:
        """The word of the index that is meant: itself, or one a letter or two away."""
        if word in self._best or len(word) < _SHORTEST_MISSPELT:
            return word
        near = process.extractOne(
            word, self._vocabulary, scorer=OSA.distance, score_cutoff=1 + len(word) // 9
        )
        return word if near is None else str(near[0])

    def _tokens(self, text: str) -> list[str]:
        # As bm25s.tokenize does, without the progress bars that it makes for each text.
        words = [word for word in _WORD.findall(text.lower()) if word not in _STOP_WORDS]
        return list(self._stemmer.stemWords(words))
