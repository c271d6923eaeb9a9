"""How well found entities agree with expected ones: precision, recall and F1 of each kind."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """An entity of a message: its kind, its words and its value."""

    entity: str
    words: str
    value: str


@dataclass(frozen=True)
class Score:
    """Counts of one kind of entity over all messages."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """The share of what was found that is right; 1 when nothing was found."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """The share of what there is that was found."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)


def scores(pairs: Iterable[tuple[list[Span], list[Span]]]) -> dict[str, Score]:
    """Scores by kind over (expected, found) of each message; a span counts when words and value are right."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for expected, found in pairs:
        wanted = Counter(map(_comparable, expected))
        given = Counter(map(_comparable, found))
        right.update(span.entity for span in (wanted & given).elements())
        wrong.update(span.entity for span in (given - wanted).elements())
        missed.update(span.entity for span in (wanted - given).elements())
    return {kind: Score(right[kind], wrong[kind], missed[kind]) for kind in sorted({*right, *wrong, *missed})}


def differences(expected: list[Span], found: list[Span]) -> list[str]:
    """What was missed and what was found in its stead, for a reader."""
    wanted = Counter(map(_comparable, expected))
    given = Counter(map(_comparable, found))
    return [f"missed {span}" for span in wanted - given] + [f"found {span}" for span in given - wanted]


def _comparable(span: Span) -> Span:
    # Whether an article belongs to a date, a possessive to a product or a capital to a name does not matter.
    words = span.words.casefold().removeprefix("the ").removesuffix("'s")
    return Span(span.entity, words, span.value.casefold())


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
