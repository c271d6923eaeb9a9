"""Dialogs: the browser's own, which keeps the focus inside, closes at Escape and gives the focus back."""

import asyncio
from typing import Literal

from nicegui import context

from web.console.kit.buttons import Button
from web.console.kit.node import Node


class Dialog(Node):
    """A modal dialog. Put its content into it with `with`; `show` opens it.

    Args:
        title: its heading and its name for a screen reader.
    """

    def __init__(self, title: str) -> None:
        with context.client.layout:
            super().__init__("dialog", "", "dialog")
        with self:
            with Node("div", "", "dialog-head"):
                self.title = Node("h2", title, tabindex="-1")
                Button("Close", self.hide, kind="quiet", describes=f"Close: {title}")
            self._body = Node("div", "", "dialog-body")
        self.put(aria_labelledby=self.title.html_id)

    @property
    def body(self) -> Node:
        """Where its content goes: `with dialog.body: …`."""
        return self._body

    def show(self) -> None:
        self.call("if (!node.open) node.showModal();")

    def hide(self) -> None:
        self.call("node.close();")


async def confirm(
    title: str, text: str, yes: str, *, no: str = "Go back", kind: Literal["primary", "danger"] = "primary"
) -> bool:
    """Ask before something that can't be undone.

    Args:
        text: what will happen.
        yes: what the button says that does it, such as "Close the conversation".

    Returns:
        Whether it was confirmed; closing the dialog in any other way is a no.
    """
    dialog = Dialog(title)
    dialog.props["role"] = "alertdialog"
    with dialog.body:
        words = Node("p", text)
    dialog.put(aria_describedby=words.html_id)
    return await decided(dialog, yes, no, kind)


async def decided(dialog: Dialog, yes: str, no: str, kind: Literal["primary", "danger"] = "primary") -> bool:
    """Put the two buttons below what is in a dialog, show it and delete it when one is pressed.

    Returns:
        Whether it was `yes`; closing the dialog in any other way is a no.
    """
    answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def decide(value: bool) -> None:
        if not answer.done():
            answer.set_result(value)

    with dialog.body, Node("div", "", "buttons"):
        Button(yes, lambda: decide(True), kind=kind)
        Button(no, lambda: decide(False))
    dialog.on("close", lambda: decide(False), args=[])
    context.client.on_delete(lambda: decide(False))
    dialog.show()
    try:
        return await answer
    finally:
        if not dialog.is_deleted:
            dialog.hide()
            dialog.delete()
