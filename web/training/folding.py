"""Messages that are nearly the same are shown as one."""

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz, process

#: From 0 to 100: how alike the sorted words of two messages must be to be folded.
ALIKE = 90.0

# "cancel it" and "don't cancel it" are alike in letters alone.
_DENIAL = re.compile(
    r"\b(?:not|no|never|nothing|none|without|cannot|cant|[a-z]+n t|dont|doesnt|didnt|wont|isnt)\b"
)
_QUOTES = str.maketrans("’‘ʼ`´", "'''''")


def normal_form(text: str) -> str:
    """What is left of a message when capitals, marks and spaces don't count; places of masked data stay."""
    plain = unicodedata.normalize("NFKC", text).translate(_QUOTES).casefold()
    return " ".join(re.sub(r"[^\w\[\]£$€%+]+", " ", plain).split()) or plain.strip()


def fold(forms: Sequence[str], kinds: Sequence[str]) -> list[list[int]]:
    """Groups of indices of nearly equal forms, each group in its order and named by its first.

    Args:
        forms: normal forms, those first that shall name a group.
        kinds: what each was understood as: messages that were understood differently are never folded.
    """
    groups: list[list[int]] = []
    heads: dict[tuple[str, bool], dict[int, str]] = {}
    for index, (form, kind) in enumerate(zip(forms, kinds, strict=True)):
        alike = heads.setdefault((kind, bool(_DENIAL.search(form))), {})
        match = process.extractOne(form, alike, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE)
        if match is not None and _same_numbers(form, match[0]):
            groups[match[2]].append(index)
        else:
            alike[len(groups)] = form
            groups.append([index])
    return groups


def _same_numbers(one: str, other: str) -> bool:
    return sorted(re.findall(r"\d+", one)) == sorted(re.findall(r"\d+", other))
