"""What the list is narrowed to: fields that keep themselves in the page's address."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from nicegui import ui

from web.chat.ownership import Owner
from web.console.kit import Button, Checkbox, Node, Select, TextField
from web.console.kit.fields import Field
from web.console.shared import Console
from web.console.words import MOODS, OWNERS

NAMES = ("text", "owner", "mood", "segment", "intent", "mine")
_TYPING_SECONDS = 0.4


class Filters:
    """The fields above the list.

    Args:
        chosen: values by name, as in the address.
        changed: called after each change.
    """

    def __init__(
        self, console: Console, chosen: Mapping[str, str], changed: Callable[[], Awaitable[None]]
    ) -> None:
        self._values = {name: chosen.get(name, "") for name in NAMES}
        self._changed = changed
        moods = {str(mood): words for mood, words in MOODS.items()}
        owners = {owner.value: OWNERS[owner] for owner in Owner}
        with Node("div", "", "filters", role="search", aria_label="Narrow the list") as self._node:
            text = TextField(
                "Search",
                "text",
                self._values["text"],
                kind="search",
                placeholder="Words, first name or number",
            )
            text.control.put(data_search="", maxlength=200)
            self._fold = Button("Filters", self._unfold, kind="quiet")
            self._fold.classes("fold").put(aria_expanded="false")
            self._fields: dict[str, Field] = {
                "text": text,
                "owner": self._select("Who has it", "owner", "Anyone", owners),
                "mood": self._select("Mood", "mood", "Any mood", moods),
                "segment": self._select("Segment", "segment", "Any segment", console.segments),
                "intent": self._select("Wish", "intent", "Any wish", console.intents),
                "mine": Checkbox("Only mine", "mine", bool(self._values["mine"])),
            }
            self._clear = Button("Clear filters", self._empty, kind="quiet")
        for name, field in self._fields.items():
            field.on_change(self._setter(name), quiet_seconds=_TYPING_SECONDS if name == "text" else 0.0)
        self._clear.put(hidden=not self.any)

    @property
    def any(self) -> bool:
        """Whether the list is narrowed at all."""
        return any(self._values.values())

    def query(self) -> dict[str, str]:
        """As the API wants them."""
        return {**self._values, "mine": "true" if self._values["mine"] else ""}

    def _select(self, label: str, name: str, every: str, options: Mapping[str, str]) -> Select:
        return Select(label, name, {"": every, **options}, self._values[name])

    def _unfold(self) -> None:
        """On a narrow screen all but the search is folded away."""
        unfolded = self._fold.props["aria-expanded"] == "true"
        self._fold.put(aria_expanded="false" if unfolded else "true")
        self._node.classes(remove="unfolded") if unfolded else self._node.classes(add="unfolded")

    def _setter(self, name: str) -> Callable[[str], Awaitable[None]]:
        async def set_value(value: str) -> None:
            self._values[name] = value.strip()
            await self._tell()

        return set_value

    async def _empty(self) -> None:
        for name, field in self._fields.items():
            self._values[name] = ""
            field.set("")
        self._fields["text"].control.focus()
        await self._tell()

    async def _tell(self) -> None:
        chosen = urlencode({name: value for name, value in self._values.items() if value})
        ui.navigate.history.replace(f"/conversations?{chosen}" if chosen else "/conversations")
        self._clear.put(hidden=not self.any)
        await self._changed()
