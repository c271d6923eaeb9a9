"""Messages of a conversation."""

from datetime import datetime
from typing import Literal

from web.console.kit.node import Node
from web.console.kit.panels import When

Side = Literal["customer", "bot", "agent", "system"]


class Bubble(Node):
    """One message: who, when, what. More goes below it with `with bubble.more`.

    Args:
        who: the name before the text, such as "Maria Hartley" or "Assistant".
        side: whose colour and side it gets.
    """

    def __init__(self, who: str, text: str, at: datetime, side: Side) -> None:
        super().__init__("article", "", f"message {side}")
        with self:
            with Node("header", "", "message-head") as head:
                Node("strong", who)
                When(at)
            Node("p", text, "bubble", dir="auto")
            self.more = Node("div", "", "message-more")
        self.put(aria_labelledby=head.html_id)


def event_line(text: str, at: datetime) -> Node:
    """Something that happened between the messages, such as "Sam has joined"."""
    with Node("p", "", "event-line") as node:
        Node("span", text)
        When(at)
    return node
