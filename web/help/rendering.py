"""A help page's Markdown as HTML that can hold nothing but text, links and lists."""

from dataclasses import dataclass
from itertools import pairwise

import nh3
from markdown_it import MarkdownIt

from common.help_pages import anchor_of

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_TAGS = {"h2", "h3", "p", "ul", "ol", "li", "strong", "em", "code", "a", "blockquote", "br"}
_ATTRIBUTES = {"h2": {"id"}, "h3": {"id"}, "a": {"href"}}
_SCHEMES = {"https", "mailto", "tel"}


@dataclass(frozen=True)
class Section:
    """A heading of the second level: its id on the page and its words."""

    anchor: str
    heading: str


def sections_of(text: str) -> list[Section]:
    """The page's own table of contents."""
    tokens = _MARKDOWN.parse(text)
    headings = [
        inline.content
        for opening, inline in pairwise(tokens)
        if opening.type == "heading_open" and opening.tag == "h2"
    ]
    return [Section(anchor_of(heading), heading) for heading in headings]


def to_html(text: str) -> str:
    """Headings get the ids that `anchor_of` makes; markup in the text is shown as text."""
    tokens = _MARKDOWN.parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor_of(inline.content))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
