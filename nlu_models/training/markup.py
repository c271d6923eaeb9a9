"""Rasa's entity markup in training utterances: `[RP-100234](order_id)`, `[kettle]{"entity": "product"}`."""

import json
import re
from dataclasses import dataclass

_ANNOTATION = re.compile(
    r"\[(?P<text>[^\[\]]+)\](?:\((?P<name>[^()\[\]:]+)(?::(?P<value>[^()]+))?\)|(?P<more>\{[^{}]*\}))"
)
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class MarkupError(Exception):
    """The markup of an utterance is broken; the message says how."""


@dataclass(frozen=True)
class Annotation:
    """An entity in an utterance; `start` and `end` count in the text without markup."""

    entity: str
    value: str
    start: int
    end: int


def parse(marked: str) -> tuple[str, list[Annotation]]:
    """The text without markup, and what was marked.

    Raises:
        MarkupError: a bracket that opens or closes no annotation, or an annotation that names no entity or has
            a space at its edge.
    """
    text = ""
    annotations = []
    done = 0
    for match in _ANNOTATION.finditer(marked):
        text += _plain(marked[done : match.start()])
        start = len(text)
        text += match["text"]
        name, value = _named(match)
        if match["text"] != match["text"].strip():
            raise MarkupError(f"{match.group()} begins or ends with a space")
        annotations.append(Annotation(name, value or match["text"], start, len(text)))
        done = match.end()
    return text + _plain(marked[done:]), annotations


def _plain(part: str) -> str:
    bracket = re.search(r"[\[\]]", part)
    if bracket:
        raise MarkupError(f"a {bracket.group()!r} that belongs to no [text](entity)")
    return part


def _named(match: re.Match[str]) -> tuple[str, str | None]:
    name, value = match["name"], match["value"]
    if match["more"]:
        try:
            more = json.loads(match["more"])
        except json.JSONDecodeError as error:
            raise MarkupError(f"{match['more']} is not JSON: {error.msg}") from None
        name, value = more.get("entity"), more.get("value")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise MarkupError(f"{match.group()} names no entity")
    if value is not None and not isinstance(value, str):
        raise MarkupError(f"{match.group()}: the value must be text")
    return name, value
