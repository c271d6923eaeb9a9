"""Short messages at the edge of the page, read aloud by screen readers."""

from typing import Literal

from nicegui import ui

from web.console.kit.buttons import Button
from web.console.kit.node import Node

_SECONDS = 6.0


class Toasts(Node):
    """The place of toasts; the frame of each page has one."""

    def __init__(self) -> None:
        super().__init__("div", "", "toasts", role="status", aria_live="polite", aria_atomic="false")
        self._open: dict[str, Node] = {}

    def show(self, text: str, tone: Literal["info", "good", "bad"] = "info") -> None:
        """Say something. What is bad stays until it is dismissed; the rest goes after some seconds.

        What stands there already is not said a second time.
        """
        self._open = {said: toast for said, toast in self._open.items() if not toast.is_deleted}
        if text in self._open:
            return
        with self:
            toast = Node("div", "", f"toast {tone}")
            self._open[text] = toast
            with toast:
                Node("p", text)
                Button("Dismiss", toast.delete, kind="quiet", describes=f"Dismiss: {text}")
            if tone != "bad":
                ui.timer(_SECONDS, lambda: None if toast.is_deleted else toast.delete(), once=True)
