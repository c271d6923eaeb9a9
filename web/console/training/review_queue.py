"""The list of messages to review, and what it is narrowed to."""

from collections.abc import Awaitable, Callable, Mapping

from web.console.kit import Button, Chip, Node, Rows, Select, TextField
from web.console.training.words import REASON_TONES, REASONS, percent
from web.console.words import humanised
from web.training.shapes import Filters, Reason, ReviewItem

_TYPING_SECONDS = 0.4


class ItemRow:
    """One message: what was written, why it is here, what it was taken for."""

    def __init__(self, item: ReviewItem, opened: Callable[[str], None]) -> None:
        with Node("li") as self.node:
            self.button = Button("", lambda: opened(item.item_id))
            self.button.classes(replace="row").put(data_row="")
            with self.button:
                with Node("span", "", "row-name"):
                    self._text = Node("strong", item.text, dir="auto")
                with Node("span", "", "row-side chips"):
                    self._count = Chip("", "plain")
                    self._reason = Chip("", "plain")
                self._read = Node("span", "", "row-said")
        self.show(item)

    def show(self, item: ReviewItem) -> None:
        self._text.say(item.text)
        self._count.put(hidden=None if item.count > 1 else True)
        self._count.show(f"{item.count} ×", "plain")
        self._reason.show(REASONS[item.reasons[0]], REASON_TONES[item.reasons[0]])
        self._read.say(
            f"{humanised(item.understood_as)}, {percent(item.confidence)}; "
            f"suggested: {humanised(item.suggestion.intent).lower()}"
        )

    def current(self, is_open: bool) -> None:
        self.button.put(aria_current="true" if is_open else None)


class ItemList(Rows[ReviewItem]):
    """The list. J and K move in it, Enter opens a message."""

    def __init__(self, opened: Callable[[str], None]) -> None:
        super().__init__(
            "Messages to review", lambda item: item.item_id, lambda item: self._made(item, opened)
        )
        self._made_rows: dict[str, ItemRow] = {}

    def mark(self, item_id: str | None) -> None:
        """Say which one is open."""
        for known, row in self._made_rows.items():
            if not row.node.is_deleted:
                row.current(known == item_id)

    def _made(self, item: ReviewItem, opened: Callable[[str], None]) -> ItemRow:
        row = self._made_rows[item.item_id] = ItemRow(item, opened)
        return row


class QueueFilters:
    """The fields above the list; `changed` is called after each change."""

    def __init__(self, intents: Mapping[str, str], changed: Callable[[], Awaitable[None]]) -> None:
        self._text = self._reason = self._intent = ""
        self._changed = changed
        reasons = {reason.value: words for reason, words in REASONS.items()}
        with Node("div", "", "filters three", role="search", aria_label="Narrow the list"):
            text = TextField("Search", "text", kind="search", placeholder="Words of the message")
            text.control.put(data_search="")
            reason = Select("Why it is here", "reason", {"": "Any reason", **reasons})
            intent = Select("Intent", "intent", {"": "Any intent", **intents})
        text.on_change(self._set_text, quiet_seconds=_TYPING_SECONDS)
        reason.on_change(self._set_reason)
        intent.on_change(self._set_intent)

    @property
    def chosen(self) -> Filters:
        reasons = frozenset({Reason(self._reason)} if self._reason else ())
        return Filters(reasons, self._intent or None, self._text.strip())

    async def _set_text(self, value: str) -> None:
        self._text = value
        await self._changed()

    async def _set_reason(self, value: str) -> None:
        self._reason = value
        await self._changed()

    async def _set_intent(self, value: str) -> None:
        self._intent = value
        await self._changed()
