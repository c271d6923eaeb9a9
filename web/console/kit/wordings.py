"""Two wordings of a text, the old above the new, with the words that differ marked."""

import difflib
import re
from collections.abc import Iterator
from typing import Literal

from web.console.kit.node import Node

_WORDS = re.compile(r"\s+|[^\s]+")
#: Below this likeness so much is marked that nothing is seen by it.
_LIKE = 0.35

Side = Literal["old", "new"]


class Wordings(Node):
    """An old and a new text, each under its label; either may be absent.

    What differs is an element `del` or `ins`, so that it is told apart without its colour.

    Args:
        what: which part of something it is, such as "Text"; stands above both.
        about: said with it to a screen reader only, such as the name of the whole.
        labels: what is written beside the old and the new one, such as "Live now" and "Will be live".
    """

    def __init__(
        self, what: str, old: str | None, new: str | None, *, about: str, labels: tuple[str, str]
    ) -> None:
        super().__init__("div", "", "wordings", role="group", aria_label=f"{about}: {what}")
        with self:
            Node("p", what, "label")
            with Node("dl"):
                if old is not None:
                    _wording("old", labels[0], parts(old, new or "", "old"))
                if new is not None:
                    _wording("new", labels[1], parts(old or "", new, "new"))


def parts(old: str, new: str, side: Side) -> list[tuple[str, bool]]:
    """One of the texts in pieces, each with whether the other text lacks it."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if not old or not new or matcher.ratio() < _LIKE:
        return [(old if side == "old" else new, False)]
    return list(_pieces(matcher, before if side == "old" else after, side))


def _pieces(
    matcher: "difflib.SequenceMatcher[str]", words: list[str], side: Side
) -> Iterator[tuple[str, bool]]:
    for kind, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        begin, end = (old_from, old_to) if side == "old" else (new_from, new_to)
        if begin < end:
            yield "".join(words[begin:end]), kind != "equal"


def _wording(side: Side, label: str, pieces: list[tuple[str, bool]]) -> None:
    with Node("div", "", side):
        Node("dt", label)
        with Node("dd", dir="auto"):
            for text, differs in pieces:
                Node("span" if not differs else "del" if side == "old" else "ins", text)
