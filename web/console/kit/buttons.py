"""Buttons and links: always with words, never with an icon alone."""

from typing import Literal

from web.console.kit.node import Handler, Node, on_click

Kind = Literal["primary", "plain", "danger", "quiet"]


class Button(Node):
    """A button that says what it does.

    Args:
        text: what it does, such as "Take over".
        on_press: done at each press; a press during that counts once.
        kind: `primary` for the one thing most wanted here, `danger` for what can't be undone,
            `quiet` for the small ones beside a text.
        describes: what `text` leaves out and a screen reader needs, such as "Take over Maria's conversation".
        submits: sends the form that it is in.
    """

    def __init__(
        self,
        text: str,
        on_press: Handler | None = None,
        *,
        kind: Kind = "plain",
        describes: str | None = None,
        submits: bool = False,
    ) -> None:
        super().__init__(
            "button",
            text,
            f"button {kind}",
            type="submit" if submits else "button",
            aria_label=describes,
        )
        if on_press is not None:
            on_click(self, on_press)

    def enable(self, possible: bool) -> None:
        """Whether it can be pressed. Say beside it why not."""
        self.put(disabled=None if possible else True)


def link(text: str, to: str, classes: str = "link", **attributes: object) -> Node:
    """A link to another page of the console."""
    return Node("a", text, classes, href=to, **attributes)
