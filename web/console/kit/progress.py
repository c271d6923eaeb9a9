"""How far a long work has come."""

from web.console.kit.node import Node


class Progress(Node):
    """A labelled bar with the percentage and what is being done, in words."""

    def __init__(self, label: str) -> None:
        super().__init__("div", "", "progress")
        with self:
            with Node("div", "", "progress-head"):
                title = Node("span", label, "label")
                self._percent = Node("span", "0 %", "number")
            self._bar = Node("progress", max=100, value=0, aria_labelledby=title.html_id)
            self._words = Node("p", "", "hint", aria_live="polite")

    def show(self, percent: float, words: str) -> None:
        """Show that `percent` (0 to 100) is done, and what is being done now."""
        whole = round(max(0.0, min(100.0, percent)))
        self._percent.say(f"{whole} %")
        self._bar.put(value=whole)
        self._words.say(words)
