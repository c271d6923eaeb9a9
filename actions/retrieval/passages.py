"""A page cut into passages: by its headings, and long parts between two blocks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from common.help_pages import HelpPage, anchor_of

#: A part under one heading that is longer, in words, becomes several passages.
LONGEST = 150

_MARKDOWN = MarkdownIt("commonmark")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z£\"“])")


@dataclass(frozen=True)
class Passage:
    """A stretch of a page about one thing.

    Attributes:
        heading: what it stands under; the page's title for its beginning.
        sentences: its text, sentence by sentence; an item of a list is one.
    """

    page: HelpPage
    heading: str
    sentences: tuple[str, ...]

    @property
    def place(self) -> str:
        """Where it is: `payments#paying-with-paypal`; the page's slug alone for its beginning."""
        if self.heading == self.page.title:
            return self.page.slug
        return f"{self.page.slug}#{anchor_of(self.heading)}"

    @property
    def address(self) -> str:
        """The same as an address, from the root of the site."""
        return f"/help/{self.place}"

    @property
    def text(self) -> str:
        """What it is searched by: the headings say what the sentences take for granted."""
        about = self.page.title if self.heading == self.page.title else f"{self.page.title}. {self.heading}"
        return f"{about}. {' '.join(self.sentences)}"


def passages_of(pages: Iterable[HelpPage]) -> list[Passage]:
    """All passages of the pages, in their order."""
    return [passage for page in pages for passage in _cut(page)]


def _cut(page: HelpPage) -> list[Passage]:
    found: list[Passage] = []
    heading = page.title
    blocks: list[list[str]] = []

    def close() -> None:
        for part in _parts(blocks):
            found.append(Passage(page, heading, tuple(part)))
        blocks.clear()

    tokens = _MARKDOWN.parse(page.text)
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type != "inline":
            continue
        text = _plain(token)
        if before is not None and before.type == "heading_open":
            close()
            heading = text
        else:
            blocks.append(_SENTENCE_END.split(text))
    close()
    return found


def _parts(blocks: list[list[str]]) -> Iterable[list[str]]:
    """The blocks in groups of at most `LONGEST` words; a block is never cut."""
    part: list[str] = []
    for block in blocks:
        if part and _words(part) + _words(block) > LONGEST:
            yield part
            part = []
        part = [*part, *block]
    if part:
        yield part


def _words(sentences: list[str]) -> int:
    return sum(len(sentence.split()) for sentence in sentences)


def _plain(inline: Token) -> str:
    """The text of an inline token without its marks."""
    children = inline.children or []
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content for child in children
    ).strip()
