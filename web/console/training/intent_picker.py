"""One intent out of all: searched by its name and by what it means."""

from collections.abc import Mapping

from web.console.kit import Node, TextField
from web.console.training.words import meanings


class IntentPicker(Node):
    """Radio buttons named `intent`, each with what it means, and a search that leaves those that fit.

    Args:
        intents: names and the words for them.
    """

    def __init__(self, intents: Mapping[str, str]) -> None:
        super().__init__("fieldset", "", "picker")
        with self:
            Node("legend", "Which intent is it?", "sr")
            search = TextField(
                "Search the intents",
                "intent-search",
                kind="search",
                hint="By name or by what they mean; Enter takes the first that is left.",
            )
            with Node("div", "", "options") as options:
                for name, words in intents.items():
                    with Node("label", "", "option", data_option=""):
                        Node("input", type="radio", name="intent", value=name)
                        with Node("span"):
                            Node("strong", words)
                            Node("span", meanings().get(name, ""), "hint")
                Node("p", "No intent fits this search.", "hint", hidden=True, data_none="")
            search.control.put(data_filters=options.html_id, data_key="c")
        self._search = search

    def choose_none(self) -> None:
        """Take the choice and the search back."""
        self._search.set("")
        self.call(
            "for (const radio of node.querySelectorAll('input[type=radio]')) radio.checked = false;"
            "for (const option of node.querySelectorAll('[data-option]')) option.hidden = false;"
        )
