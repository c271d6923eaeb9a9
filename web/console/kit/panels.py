"""Larger parts of a page: sections with a heading, names and values, what can be unfolded, what is empty."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from web.console.kit.node import Node


class Panel(Node):
    """A section of the page under a heading of its own."""

    def __init__(self, heading: str, classes: str = "", *, level: Literal[2, 3] = 2) -> None:
        super().__init__("section", "", f"panel {classes}")
        with self:
            self.heading = Node(f"h{level}", heading, tabindex="-1")
        self.put(aria_labelledby=self.heading.html_id)


def facts(pairs: Sequence[tuple[str, str]]) -> Node:
    """Names and their values."""
    with Node("dl", "", "facts") as node:
        for name, value in pairs:
            with Node("div"):
                Node("dt", name)
                Node("dd", value)
    return node


def lines(texts: Sequence[str], classes: str = "lines") -> Node:
    """A list, one text a line."""
    with Node("ul", "", classes) as node:
        for text in texts:
            Node("li", text)
    return node


class Disclosure(Node):
    """Something that is unfolded by its summary. Put its content into it with `with`."""

    def __init__(self, summary: str, *, unfolded: bool = False, classes: str = "") -> None:
        super().__init__("details", "", f"disclosure {classes}", open=True if unfolded else None)
        with self:
            self.summary = Node("summary", summary)


class EmptyState(Node):
    """Says that there is nothing, why, and what to do."""

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__("div", "", "empty")
        with self:
            self._heading = Node("p", title, "empty-title")
            self._advice = Node("p", text)

    def show(self, title: str, text: str) -> None:
        self._heading.say(title)
        self._advice.say(text)


class Notice(Node):
    """A line about the page itself, such as that live updates are interrupted. Read aloud when it appears."""

    def __init__(self, text: str = "", tone: Literal["info", "warn"] = "info") -> None:
        # The place is there before the words are: screen readers are told of changes only.
        super().__init__("div", "", "notice-place", role="status")
        with self:
            self._words = Node("p", text, f"notice {tone}", hidden=None if text else True)

    def show(self, text: str) -> None:
        """Show a text, or with an empty one nothing."""
        self._words.say(text)
        self._words.put(hidden=None if text else True)


class When(Node):
    """A moment, shown in the reader's own time zone.

    Args:
        style: `at` ("22 Nov, 10:15"), or, kept up to date, `ago` ("3 minutes ago") or `for` ("3 min").
    """

    def __init__(self, at: datetime, style: Literal["at", "ago", "for"] = "at") -> None:
        # The browser replaces the text by local time; without it, this one is right as well.
        super().__init__("time", _utc(at), "when", datetime=_iso(at), data_when=style)

    def show(self, at: datetime) -> None:
        if self.props.get("datetime") != _iso(at):
            self.put(datetime=_iso(at))
            self.say(_utc(at))


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC"
