"""The few sentences of a passage that say most about a question."""

from collections.abc import Sequence

from actions.retrieval.types import Array

#: So many sentences are said at most, and so many words if it is more than one.
MOST_SENTENCES = 3
MOST_WORDS = 60
#: A neighbour as near to the question as this part of the nearest sentence is said too.
_NEAR_ENOUGH = 0.5


def extract(sentences: Sequence[str], likeness: Array) -> tuple[str, ...]:
    """The sentence nearest to the question, and neighbours that belong to it, as they follow on each other.

    Args:
        likeness: of each sentence with the question, at most 1.
    """
    begin = end = int(likeness.argmax())
    enough = _NEAR_ENOUGH * float(likeness[begin])
    while end - begin + 1 < MOST_SENTENCES:
        around = [place for place in (begin - 1, end + 1) if 0 <= place < len(sentences)]
        fitting = [place for place in around if likeness[place] >= enough]
        if not fitting:
            break
        nearest = max(fitting, key=lambda place: float(likeness[place]))
        wider = (min(begin, nearest), max(end, nearest))
        if _words(sentences[wider[0] : wider[1] + 1]) > MOST_WORDS:
            break
        begin, end = wider
    return tuple(sentences[begin : end + 1])


def _words(sentences: Sequence[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)
