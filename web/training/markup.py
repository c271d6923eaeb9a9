"""Rasa's markup of entities in utterances, as trainers write it: `where is [RP-100234](order_id)`.

The commands of the models read the data and have the last word; this is for what must be known at once, and for
utterances that are made here.
"""

import re
from collections.abc import Iterable

from web.training.shapes import Span

_MARKED = re.compile(
    r"\[(?P<text>[^\[\]]+)\](?:\((?P<name>[^()\[\]:]+)(?::[^()]+)?\)"
    r'|\{[^{}]*"entity"\s*:\s*"(?P<json>[^"{}]+)"[^{}]*\})'
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# What YAML can't hold in a block as it is written, line breaks apart.
_UNPRINTABLE = re.compile("[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")

#: The longest utterance that is learnt; the models read no more of a message.
LONGEST = 500


class MarkupFault(ValueError):
    """An utterance can't be learnt as it is written; the message says what to change."""


def on_one_line(text: str) -> str:
    """`text` without line breaks, doubled spaces and characters that a YAML file can't hold."""
    return _UNPRINTABLE.sub("", " ".join(text.split())).strip()


def parse(utterance: str, entities: frozenset[str] | None = None) -> tuple[str, tuple[Span, ...]]:
    """The text without markup, and what is marked in it.

    Args:
        entities: the known names; None to take any.

    Raises:
        MarkupFault: it is empty or too long, has a bracket that belongs to no marking, or marks an unknown entity
            or a space at an edge.
    """
    text, spans, done = "", [], 0
    for match in _MARKED.finditer(utterance):
        text += _plain(utterance[done : match.start()])
        name, marked = match["name"] or match["json"], match["text"]
        if not _NAME.fullmatch(name):
            raise MarkupFault(f"“{match.group()}” names no entity")
        if entities is not None and name not in entities:
            raise MarkupFault(f"there is no entity {name}; known are {', '.join(sorted(entities))}")
        if marked != marked.strip():
            raise MarkupFault(f"“{marked}” begins or ends with a space; mark the words alone")
        spans.append(Span(name, len(text), len(text) + len(marked)))
        text += marked
        done = match.end()
    text += _plain(utterance[done:])
    if not text.strip():
        raise MarkupFault("there is no text")
    if len(text) > LONGEST:
        raise MarkupFault(f"it has {len(text)} characters; {LONGEST} are the most")
    return text, tuple(spans)


def plain(utterance: str) -> str:
    """The text of an utterance that is in the data already, without markup; broken markup stays as it is."""
    return _MARKED.sub(lambda match: match["text"], utterance)


def marked(text: str, spans: Iterable[Span]) -> str:
    """`text` with its entities in markup, brackets of its own replaced by round ones.

    Raises:
        ValueError: spans overlap or lie outside of the text.
    """
    written, done = "", 0
    for span in sorted(spans, key=lambda span: span.start):
        if not done <= span.start < span.end <= len(text):
            raise ValueError(f"{span} overlaps another or lies outside of the text")
        written += f"{_without_brackets(text[done : span.start])}"
        written += f"[{_without_brackets(text[span.start : span.end])}]({span.entity})"
        done = span.end
    return written + _without_brackets(text[done:])


def _plain(part: str) -> str:
    bracket = re.search(r"[\[\]]", part)
    if bracket:
        raise MarkupFault(f"a “{bracket.group()}” that belongs to no [text](entity)")
    return part


def _without_brackets(text: str) -> str:
    return text.translate(str.maketrans("[]", "()"))
