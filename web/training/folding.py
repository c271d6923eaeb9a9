"""Messages that are nearly the same are shown as one."""

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz, process

#: From 0 to 100: how alike the sorted words of two messages must be to be folded.
ALIKE = 90.0

#: From 0 to 100: how alike two words must be for one to be a slip of the other: "hek" and "heck" are, "cancel" and
#: "change", "refund" and "return" are not.
SLIP = 70.0

# With or without these a message means the same.
_FILLERS = {
    "a",
    "an",
    "the",
    "hello",
    "hey",
    "hi",
    "please",
    "pls",
    "plz",
    "thank",
    "thanks",
    "thx",
    "ok",
    "okay",
}

# "cancel it" and "don't cancel it" are alike in letters alone.
_DENIAL = re.compile(
    r"\b(?:not|no|never|nothing|none|without|cannot|cant|[a-z]+n t|dont|doesnt|didnt|wont|isnt)\b"
)
# What an apostrophe parts, and many leave out: "where's", "wheres".
_CONTRACTED = re.compile(r"([a-z]) (s|t|d|m|re|ll|ve)\b")
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
        bare = _bare(form)
        near = process.extract(bare, alike, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=5)
        group = next((number for other, _, number in near if _differ_in_slips(bare, other)), None)
        if group is not None:
            groups[group].append(index)
        else:
            alike[len(groups)] = bare
            groups.append([index])
    return groups


def _bare(form: str) -> str:
    """The form as it is compared: without fillers, contractions as one word."""
    joined = _CONTRACTED.sub(r"\1\2", form)
    return " ".join(word for word in joined.split() if word not in _FILLERS) or form


def _differ_in_slips(one: str, other: str) -> bool:
    """Whether each word that only one of two forms has is a slip of one that only the other has."""
    words, others = set(one.split()), set(other.split())
    only, only_other = words - others, others - words
    return all(
        any(fuzz.ratio(word, counterpart) >= SLIP for counterpart in counterparts)
        and not any(sign.isdigit() for sign in word)
        for differing, counterparts in ((only, only_other), (only_other, only))
        for word in differing
    )
