"""Products of the catalogue by the names that customers give them, misspelt ones included."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu_models.runtime.people import is_common, is_given_name
from nlu_models.runtime.spans import Entity

#: Long pasted texts are searched so far; a wish rarely comes later, and every word costs time.
MAX_CHARACTERS = 2_000

_WORD = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*")

# Aliases that are everyday words too: products only after one of these words, and not before "of".
_EVERYDAY = frozenset({"dawn", "fan", "monitor", "repeater", "rover", "throw"})
_DETERMINERS = re.compile(
    "a|an|another|any|her|his|my|new|one|our|that|the|their|these|this|those|two|three|which|your"
)


class CatalogueError(Exception):
    """The catalogue can't be read; the message says where and why."""


@dataclass(frozen=True)
class _Phrase:
    sku: str
    words: int
    full_name: bool


@dataclass(frozen=True)
class _Token:
    form: str
    start: int
    end: int


@dataclass(frozen=True)
class _Run:
    """Neighbouring words as one string, with the words on either side (empty at the ends)."""

    form: str
    start: int
    end: int
    before: str
    after: str


class Catalogue:
    """Finds products in text."""

    def __init__(self, products: list[tuple[str, str, list[str]]]) -> None:
        """`products` are SKU, name and aliases; of two products with one alias the first keeps it."""
        #: What products are called, aliases included.
        self.names = frozenset(name for _, full_name, aliases in products for name in (full_name, *aliases))
        self._phrases: dict[str, _Phrase] = {}
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for sku, name, aliases in products:
            self._add(sku, name, full_name=True)
            # Customers leave the brand out: "clearwater glass kettle".
            self._add(sku, name.partition(" ")[2], full_name=True)
            for alias in aliases:
                self._add(sku, alias, full_name=False)
        self._longest = max((phrase.words for phrase in self._phrases.values()), default=0)

    @classmethod
    def load(cls, path: str | Path) -> "Catalogue":
        """Read `products` (each with `sku`, `name`, and perhaps `aliases`) from YAML.

        Raises:
            CatalogueError: the file is missing, is not YAML, or a product lacks what it needs.
        """
        try:
            content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise CatalogueError(f"{path}: {error}") from None
        rows = content.get("products") if isinstance(content, dict) else None
        if not isinstance(rows, list) or not rows:
            raise CatalogueError(f"{path}: has no list `products`")
        return cls([_product(path, place, row) for place, row in enumerate(rows, start=1)])

    def find_exact(self, text: str) -> list[Entity]:
        """Products named as the catalogue names them (case, plural and hyphens aside), longest name first."""
        found = []
        for run in self._runs(text):
            phrase = self._phrases.get(run.form)
            if phrase and not _everyday_sense(run):
                confidence = 1.0 if phrase.full_name else 0.95 if phrase.words > 1 else 0.85
                found.append(Entity("product", phrase.sku, run.start, run.end, "catalogue", confidence))
        return found

    def find_misspelt(self, text: str) -> list[Entity]:
        """Products named nearly so, nearest first."""
        found = []
        for run in self._runs(text):
            # The name may be longer than what was written.
            allowed = _allowed_mistakes(len(run.form) + 1)
            if run.form in self._phrases or not allowed or _is_word(text[run.start : run.end]):
                continue
            names = self._by_letter.get(run.form[0], ())
            match = process.extractOne(run.form, names, scorer=OSA.distance, score_cutoff=allowed)
            if (
                match is None
                or match[1] > _allowed_mistakes(len(match[0]))
                or _other_word(run.form, match[0])
            ):
                continue
            name, mistakes, _place = match
            confidence = round(0.9 * (1 - mistakes / len(name)), 3)
            found.append(
                Entity("product", self._phrases[name].sku, run.start, run.end, "catalogue", confidence)
            )
        return sorted(found, key=lambda entity: (entity.confidence, entity.end - entity.start), reverse=True)

    def _add(self, sku: str, name: str, *, full_name: bool) -> None:
        tokens = _tokens(name)
        compact = "".join(token.form for token in tokens)
        if len(compact) > 1 and compact not in self._phrases:
            self._phrases[compact] = _Phrase(sku, len(tokens), full_name)
            self._by_letter[compact[0]].append(compact)

    def _runs(self, text: str) -> Iterator[_Run]:
        """Runs of words, longest first."""
        tokens = _tokens(text[:MAX_CHARACTERS])
        forms = ["", *(token.form for token in tokens), ""]
        # One more than the longest name, for a name that was split ("ear buds").
        for words in range(min(self._longest + 1, len(tokens)), 0, -1):
            for first in range(len(tokens) - words + 1):
                after = first + words
                yield _Run(
                    form="".join(forms[first + 1 : after + 1]),
                    start=tokens[first].start,
                    end=tokens[after - 1].end,
                    before=forms[first],
                    after=forms[after + 1],
                )


def _product(path: str | Path, place: int, row: Any) -> tuple[str, str, list[str]]:
    if not isinstance(row, dict) or not row.get("sku") or not row.get("name"):
        raise CatalogueError(f"{path}: product {place} has no `sku` or no `name`")
    aliases = row.get("aliases") or []
    if not isinstance(aliases, list):
        raise CatalogueError(f"{path}: {row['sku']}: `aliases` must be a list")
    return str(row["sku"]), str(row["name"]), [str(alias) for alias in aliases]


def _tokens(text: str) -> list[_Token]:
    return [_Token(_form(match.group()), match.start(), match.end()) for match in _WORD.finditer(text)]


def _form(word: str) -> str:
    """Small letters, without possessive and plural: the form in which words are compared."""
    word = re.sub(r"['’]s$", "", word.lower())
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _is_word(written: str) -> bool:
    """Whether this is a correct word of its own, and no misspelt product (`Heather` is no `heater`)."""
    return written.isalpha() and (is_common(written) or is_given_name(written))


def _everyday_sense(run: _Run) -> bool:
    if run.form not in _EVERYDAY:
        return False
    return not _DETERMINERS.fullmatch(run.before) or run.after in {"of", "and"}


def _allowed_mistakes(length: int) -> int:
    return 0 if length < 5 else 1 if length < 9 else 2 if length < 14 else 3


def _other_word(written: str, name: str) -> bool:
    """Whether the last letters tell that another word is meant: `charged` is not a misspelt `charger`."""
    return written[-1] != name[-1] and sorted(written) != sorted(name)
