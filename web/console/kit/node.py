"""Plain HTML elements, of which the whole kit is made: what they are is what a screen reader is told."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

Handler = Callable[[], Awaitable[None] | None]


class Node(TextElement):
    """One HTML element.

    Args:
        tag: its name, such as `p`.
        text: shown as text, never read as HTML.
        classes: names of the style sheet, parted by spaces.
        attributes: an underscore stands for a hyphen (`aria_label`), one at the end is dropped (`for_`);
            those that are None are left out.
    """

    def __init__(self, tag: str, text: str = "", classes: str = "", **attributes: object) -> None:
        super().__init__(tag=tag, text=text)
        if classes:
            self.classes(classes)
        for name, value in attributes.items():
            if value is not None:
                self.props[attribute(name)] = value

    def put(self, **attributes: object) -> None:
        """Set attributes; None takes one away."""
        for name, value in attributes.items():
            self.props.set_optional(attribute(name), value)

    def say(self, text: str) -> None:
        """Set the text, sending nothing when it is already so."""
        if self.text != text:
            self.text = text

    def call(self, javascript: str) -> None:
        """Run JavaScript in the browser, in which `node` is this element. Nothing happens when it is gone."""
        self.client.run_javascript(
            f"{{const node = getHtmlElement({json.dumps(self.html_id)}); if (node) {{ {javascript} }}}}"
        )

    def focus(self) -> None:
        self.call("node.focus();")


def attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def on_click(node: Node, work: Handler) -> None:
    """Do `work` at a click. Clicks while it is being done are not taken for a second one."""
    busy = False

    async def clicked(_event: GenericEventArguments) -> None:
        nonlocal busy
        if busy:
            return
        busy = True
        node.put(aria_busy="true")
        try:
            result = work()
            if result is not None:
                await result
        finally:
            busy = False
            if not node.is_deleted:
                node.put(aria_busy=None)

    node.on("click", clicked, args=[])


def script(value: Any) -> str:
    """A value as JavaScript source."""
    return json.dumps(value)
