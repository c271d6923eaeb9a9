"""Labels that are spelt many ways: `data/profiles/labels.yml` says which spelling stands for which label."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import yaml

LABELS_FILE = Path(__file__).parents[3] / "data" / "profiles" / "labels.yml"
_BETWEEN = re.compile(r"[\s._/\-]+")


class UnusableLabels(ValueError):
    """A spelling stands for two labels."""


def label_of(kind: str, text: str) -> str | None:
    """The label of `kind` (country, channel, tier, issue, outcome, priority, currency, language) that is meant.

    Raises:
        KeyError: there is no such kind.
    """
    return spellings()[kind].get(_key(text))


@lru_cache(maxsize=1)
def spellings() -> Mapping[str, Mapping[str, str]]:
    """For each kind the label of each spelling.

    Raises:
        UnusableLabels
    """
    content = yaml.safe_load(LABELS_FILE.read_text("utf-8"))
    return {kind: _of_kind(kind, labels) for kind, labels in content.items()}


def _of_kind(kind: str, labels: Mapping[str, list[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for label, written in labels.items():
        for spelling in (label, *written):
            if found.setdefault(_key(spelling), label) != label:
                raise UnusableLabels(f"{kind}: {spelling} is both {found[_key(spelling)]} and {label}")
    return found


def _key(text: str) -> str:
    """What spellings have in common that differ in case, accents and what stands between words."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return _BETWEEN.sub(" ", "".join(one for one in apart if not unicodedata.combining(one))).strip()
