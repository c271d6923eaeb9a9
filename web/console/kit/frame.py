"""The frame of every page: skip link, header with navigation, one h1, a place for toasts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from nicegui import context, ui

from web.console.kit.buttons import Button
from web.console.kit.node import Handler, Node
from web.console.kit.toasts import Toasts


@dataclass(frozen=True)
class Place:
    """An entry of the navigation."""

    name: str
    path: str


@dataclass(frozen=True)
class Person:
    """Who is signed in: shown in the header, beside a button to sign out."""

    name: str
    role: str
    sign_out: Handler


class Frame:
    """A page within its frame.

    Attributes:
        heading: the h1.
        toasts: where messages are shown.
    """

    def __init__(self, title: str, heading: Node, toasts: Toasts) -> None:
        self._title = title
        self.heading = heading
        self.toasts = toasts

    def count(self, number: int) -> None:
        """Show a number before the title of the browser's tab; none when it is 0."""
        ui.page_title(f"({number}) {tab_title(self._title)}" if number else tab_title(self._title))

    def rename(self, title: str) -> None:
        """Another title, such as when an anonymous visitor has said who they are."""
        if title == self._title:
            return
        self._title = title
        self.heading.say(title)
        ui.page_title(tab_title(title))


def tab_title(title: str) -> str:
    return f"{title} · Rapport"


@contextmanager
def frame(
    title: str,
    places: Sequence[Place] = (),
    current: str = "",
    person: Person | None = None,
    layout: str = "",
) -> Iterator[Frame]:
    """A page: put its content into `with frame(…)`.

    Args:
        title: the h1, and the title of the browser's tab.
        places: what the navigation offers.
        current: the path of the place that this page belongs to.
        person: who is signed in.
        layout: names of the style sheet for the content, such as `narrow`.
    """
    client = context.client
    ui.page_title(tab_title(title))
    content = client.content.classes(remove="nicegui-content", add=f"page {layout}")
    content.props["tabindex"] = "-1"
    with client.layout:
        skip = Node("a", "Skip to the content", "skip", href=f"#{content.html_id}")
        header = Node("header", "", "top")
        toasts = Toasts()
    skip.move(client.layout, target_index=0)
    header.move(client.layout, target_index=1)
    with header:
        with Node("a", "", "brand", href="/", aria_label="Rapport console, to the start"):
            Node("img", src="/console/icon.svg", alt="", width=30, height=30)
            with Node("span", aria_hidden="true"):
                Node("span", "Rapport")
                Node("span", "console", "brand-what")
        if places:
            with Node("nav", aria_label="Main"), Node("ul"):
                for place in places:
                    with Node("li"):
                        Node(
                            "a",
                            place.name,
                            href=place.path,
                            aria_current="page" if place.path == current else None,
                        )
        if person is not None:
            with Node("div", "", "person"):
                with Node("p"):
                    Node("strong", person.name)
                    Node("span", person.role)
                Button("Sign out", person.sign_out, kind="quiet")
    with content:
        heading = Node("h1", title)
        yield Frame(title, heading, toasts)
