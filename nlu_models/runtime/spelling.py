"""Slips of the thumb in unknown words, mended before the encoder reads them.

A misspelt word falls into pieces that say nothing to the encoder. So a word that nobody knows is read as the
likeliest known one a slip or two away. The words that the model was trained on are known best, with how often
they occurred; then the whole words of the tokeniser, which the encoder has read in its first training.
Words with digits, ids, addresses and the like are never touched, nor is a name with a capital letter.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import product
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu_models.runtime.model_folder import WORDS_FILE, ModelFolderError
from nlu_models.runtime.people import COMMON_WORDS, GIVEN_NAMES
from nlu_models.runtime.places import NAMES

#: The tokeniser's pieces are sorted by frequency; so many of them are common enough to be what somebody meant.
COMMON_PIECES = 12_000
#: The last of them are as likely a slip as a word: "oder" is one (27,215th), and means "order" here.
KNOWN_PIECES = 25_000

# A shorter word has a neighbour for almost any slip. With one letter lost it is as long as `_SHORTEST_WRITTEN`.
_SHORTEST_MEANT = 4
_SHORTEST_WRITTEN = 3
_TWO_SLIPS_FROM = 7
# So many times as often as a word of the training texts occurs the one that it is taken for.
_OUTNUMBERED = 50
# On a known word they make a word, though nobody has counted it: "scammed", "remover".
_ENDINGS = ("s", "ed", "ing", "er")
_SHORTEST_STEM = 4

# Of letters alone, and no part of an id, an address, a number or a compound.
_LETTERS = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
_WORD = re.compile(rf"""(?<![^\s("'“‘,!?;…–—]){_LETTERS}(?=[\s,!?;…)"”–—]|[.:'’](?![\w/])|$)""")
_STRETCHED = re.compile(r"(.)\1{2,}")
_MOST_STRETCHED = 4
_ANY_WORD = re.compile(_LETTERS)
_SENTENCE_END = ".!?…:;\n"


class Spelling:
    """Mends words by the vocabulary of a model. Safe to share between threads."""

    def __init__(self, counts: Mapping[str, int], pieces: Mapping[str, int]) -> None:
        """`counts` are the words of the training texts, `pieces` the tokeniser's with their places by frequency."""
        words = {piece: place for piece, place in pieces.items() if piece.isalpha()}
        names = (word for name in NAMES for word in name.split())
        usual = {word for word, place in words.items() if place < KNOWN_PIECES}
        learnt = counts.keys() - _slips_among(counts)
        self._known = frozenset((*learnt, *usual, *COMMON_WORDS, *GIVEN_NAMES, *names))
        self._frequency = dict(counts)
        common = (word for word, place in words.items() if place < COMMON_PIECES)
        self._counts = {
            word: counts.get(word, 0) for word in (*learnt, *common) if len(word) >= _SHORTEST_MEANT
        }
        # By first letter and by the length that they may be written with.
        self._candidates: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in self._counts:
            slips = _slips(word)
            for length in range(len(word) - slips, len(word) + slips + 1):
                self._candidates[word[0], length].append(word)
        self._meant = lru_cache(maxsize=8192)(self._find_meant)

    @classmethod
    def load(cls, folder: Path, pieces: Mapping[str, int]) -> "Spelling":
        """The spelling by the words in a model folder and the pieces of its tokeniser.

        Raises:
            ModelFolderError: the words are unreadable.
        """
        return cls(_read_words(folder / WORDS_FILE), pieces)

    def keep(self, names: Iterable[str]) -> None:
        """Never change the words of these names either; to be called before threads share the spelling."""
        self._known |= {_form(word) for name in names for word in _ANY_WORD.findall(name)}
        self._meant.cache_clear()

    def corrected(self, text: str, most_words: int) -> str:
        """`text` with its unknown words mended, in small letters, as far as they are near known ones.

        Args:
            most_words: how many words are looked at; the encoder reads no more of them than tokens.
        """
        loud = text.isupper()

        def meant(match: re.Match[str]) -> str:
            written = match.group()
            if written[0].isupper() and not loud and not _begins_sentence(text, match.start()):
                return written
            return self._meant(_form(written)) or written

        return _WORD.sub(meant, text, count=most_words)

    def _find_meant(self, written: str) -> str | None:
        """The likeliest word that `written` was to be; None when it is known itself or nothing is near."""
        if len(written) < _SHORTEST_WRITTEN or self._is_known(written):
            return None
        drawn_together = [word for word in _unstretched(written) if word in self._known]
        if drawn_together:
            return max(drawn_together, key=lambda word: (self._frequency.get(word, 0), -len(word)))
        written = _STRETCHED.sub(r"\1", written)
        if len(written) < _SHORTEST_WRITTEN:
            return None
        near = [*self._near(written, written[0], slips=2)]
        # The first letter is rarely wrong.
        if not near and written[1] != written[0]:
            near = [*self._near(written, written[1], slips=1)]
        # Two swapped or one doubled are the same letters still; a lost or wrong one is the rarer slip.
        likeliest = min(
            near,
            key=lambda found: (found[1], set(found[0]) != set(written), -self._counts[found[0]], found[0]),
            default=None,
        )
        return likeliest[0] if likeliest else None

    def _near(self, written: str, first: str, slips: int) -> Iterable[tuple[str, int]]:
        words = self._candidates.get((first, len(written)), ())
        for word, distance, _place in process.extract(
            written, words, scorer=OSA.distance, processor=None, score_cutoff=slips, limit=None
        ):
            # Two letters lost are another word more often than a slip: "inedible" is not "incredible".
            if distance <= _slips(word) and abs(len(word) - len(written)) < 2:
                yield word, int(distance)

    def _is_known(self, word: str) -> bool:
        return (
            word in self._known
            or word.partition("'")[0] in self._known
            or any(
                word.endswith(ending) and self._is_stem(word[: -len(ending)], ending) for ending in _ENDINGS
            )
        )

    def _is_stem(self, stem: str, ending: str) -> bool:
        if len(stem) < _SHORTEST_STEM:
            return False
        forms = (
            {stem} if ending == "s" else {stem, f"{stem}e"} | ({stem[:-1]} if stem[-1] == stem[-2] else set())
        )
        return not self._known.isdisjoint(forms)


def _slips_among(counts: Mapping[str, int]) -> set[str]:
    """Words of the training texts, where people misspell too, that are a far more frequent one with a letter lost
    or two swapped: "oder", "chnage"."""
    return {
        slip
        for word, count in counts.items()
        if count >= _OUTNUMBERED and len(word) >= _SHORTEST_MEANT
        for place in range(1, len(word))
        for slip in (
            word[:place] + word[place + 1 :],
            word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
        )
        if slip != word and 0 < counts.get(slip, 0) * _OUTNUMBERED <= count
    }


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """How often each word occurs in `texts`, in small letters, the most frequent first."""
    counts = Counter(_form(word) for text in texts for word in _ANY_WORD.findall(text))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def write_words(counts: Mapping[str, int], folder: Path) -> None:
    """Write the words of the training texts into a model folder."""
    (folder / WORDS_FILE).write_text(json.dumps(counts, ensure_ascii=False, indent=0), encoding="utf-8")


def _read_words(file: Path) -> dict[str, int]:
    try:
        counts = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFolderError(f"{file}: unreadable: {error}") from None
    if not isinstance(counts, dict) or not all(type(count) is int and count > 0 for count in counts.values()):
        raise ModelFolderError(f"{file}: must be an object of counts by word")
    return counts


def _form(word: str) -> str:
    return word.lower().replace("’", "'")


def _unstretched(written: str) -> Iterable[str]:
    """What "pleeease" or "helllooo" may be stretched from: each letter that stands thrice or more once, or twice."""
    parts = _STRETCHED.split(written)  # text, letter, text, letter, text
    runs = len(parts) // 2
    if 0 < runs <= _MOST_STRETCHED:
        for times in product((1, 2), repeat=runs):
            yield parts[0] + "".join(
                letter * many + rest
                for letter, many, rest in zip(parts[1::2], times, parts[2::2], strict=True)
            )


def _slips(meant: str) -> int:
    return 1 if len(meant) < _TWO_SLIPS_FROM else 2


def _begins_sentence(text: str, place: int) -> bool:
    before = text[:place].rstrip(" \t\"'“‘(")
    return not before or before[-1] in _SENTENCE_END
