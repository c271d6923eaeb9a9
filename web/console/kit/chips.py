"""Chips: a word or two with a colour that only underlines it."""

from typing import Literal

from web.console.kit.node import Node

Tone = Literal["plain", "good", "warn", "bad", "accent"]


class Chip(Node):
    """A short word such as "Waiting". `prefix` is read before it and not seen: "Mood: angry"."""

    def __init__(self, text: str, tone: Tone = "plain", *, prefix: str = "") -> None:
        super().__init__("span", "", f"chip {tone}")
        self._tone = tone
        with self:
            if prefix:
                Node("span", f"{prefix}: ", "sr")
            self._words = Node("span", text)

    def show(self, text: str, tone: Tone) -> None:
        self._words.say(text)
        if tone != self._tone:
            self.classes(remove=self._tone, add=tone)
            self._tone = tone
