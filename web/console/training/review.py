"""The page on which trainers review messages that may have been misread."""

from uuid import UUID

from nicegui import ui

from web.console.access import Session, TrainerSession
from web.console.kit import Button, Chip, EmptyState, Frame, Node, Notice, link
from web.console.kit.keys import keyboard_help
from web.console.shared import console_of
from web.console.training.decided import Decided, decision_words
from web.console.training.desk import by, learn_names, told, trainer_page, training
from web.console.training.keys import KEYS
from web.console.training.review_item import ItemPanel
from web.console.training.review_queue import ItemList, QueueFilters
from web.console.training.words import REASON_TONES, REASONS, counted
from web.console.training.writing import write_decisions
from web.console.words import humanised
from web.training.shapes import Action, Decision, Reason, ReviewItem, ReviewQueue

_PAGE = 40


async def show(session: TrainerSession) -> None:
    with trainer_page(session, "Review", "/training/review") as frame:
        entities: tuple[str, ...] = ()
        with told(frame):
            entities = await training().entities()
        page = _ReviewPage(session, frame, entities)
    # Messages may have to be masked first, which takes longer than a page should.
    ui.timer(0, page.load, once=True)


class _ReviewPage:
    """The open page of one trainer."""

    def __init__(self, session: Session, frame: Frame, entities: tuple[str, ...]) -> None:
        self._session = session
        self._frame = frame
        self._items: list[ReviewItem] = []
        self._open: ReviewItem | None = None
        self._last: UUID | None = None
        self._shown = _PAGE
        self._numbers: dict[Reason, int] = {}
        intents = dict(console_of().intents)
        self._bar()
        self._filters = QueueFilters(intents, self._narrowed)
        self._empty = EmptyState(
            "Reading messages…", "New ones are masked first; that may take some seconds."
        )
        with Node("div", "", "columns review") as self._columns:
            with Node("div", "", "stack queue"):
                self._list = ItemList(self._opened)
                with Node("div", "", "buttons"):
                    self._more = Button("Show more", self._show_more)
            with Node("div", "", "stack message-open"):
                self._back = Button("← The list", self._to_list, kind="quiet")
                self._back.classes(add="back")
                self._panel = ItemPanel(intents, entities, self._decide)
        self._columns.put(hidden=True)
        self._decided = Decided(session, self._undo)

    def _bar(self) -> None:
        with Node("div", "", "bar"):
            with Node("p", "", "chips"):
                self._counts = {reason: Chip("", "plain") for reason in Reason}
            with Node("div", "", "buttons"):
                self._write = Button("Write to the data…", self._write_all, kind="primary")
                self._write.put(data_key="w")
                self._undo_last = Button("Undo the last decision", self._take_back)
                self._undo_last.put(data_key="u")
                keyboard_help(KEYS)
        self._consent = Notice("")
        with Node("div", "", "notice written", role="status", hidden=True) as self._written:
            self._written_text = Node("p", "")
            link("Train a model with it", "/training/models")

    async def load(self) -> None:
        with told(self._frame):
            await self._load()
            return
        self._empty.show("The messages can't be read", "Reload the page to try again.")

    async def _load(self, keep: str | None = None) -> None:
        queue = await training().review_queue(self._filters.chosen)
        self._items = list(queue.items)
        self._tell(queue)
        opened = next((item for item in self._items if item.item_id == keep), None)
        self._show_list()
        self._show_item(opened or (self._items[0] if self._items else None))
        await self._show_decided()

    def _tell(self, queue: ReviewQueue) -> None:
        self._numbers = dict(queue.counts)
        self._show_counts()
        said = []
        if queue.without_consent:
            said.append(
                f"{counted(queue.without_consent, 'more message')} can't be shown: no consent to training."
            )
        if queue.consent_unknown:
            said.append(
                f"{counted(queue.consent_unknown, 'message')} left out: consent can't be asked just now."
            )
        self._consent.show(" ".join(said))

    def _show_counts(self) -> None:
        for reason, chip in self._counts.items():
            number = self._numbers.get(reason, 0)
            chip.show(f"{REASONS[reason]}: {number}", REASON_TONES[reason] if number else "plain")

    def _show_list(self) -> None:
        self._list.show(self._items[: self._shown])
        self._more.put(hidden=None if len(self._items) > self._shown else True)
        self._columns.put(hidden=None if self._items else True)
        self._empty.put(hidden=True if self._items else None)
        self._empty.show("Nothing to review", "Unsure and marked messages appear here as customers write.")
        self._frame.count(len(self._items))

    def _show_item(self, item: ReviewItem | None) -> None:
        self._open = item
        self._list.mark(item.item_id if item else None)
        self._panel.show(item)

    async def _show_decided(self) -> None:
        reviews = await training().decided(100)
        await learn_names()
        self._decided.show(reviews)
        waiting = [review for review in reviews if review.written_at is None]
        mine = [review for review in waiting if review.decided_by == by(self._session)]
        self._last = mine[0].review_id if mine else None
        self._undo_last.enable(bool(mine))
        to_write = sum(review.action is not Action.DROP for review in waiting)
        self._write.enable(to_write > 0)
        self._write.say(
            f"Write {counted(to_write, 'decision')} to the data…" if to_write else "Write to the data…"
        )

    def _opened(self, item_id: str) -> None:
        item = next((item for item in self._items if item.item_id == item_id), None)
        self._show_item(item)
        self._columns.classes(add="see-message")
        self._panel.panel.heading.focus()

    def _to_list(self) -> None:
        self._columns.classes(remove="see-message")

    def _show_more(self) -> None:
        self._shown += _PAGE
        self._show_list()

    async def _narrowed(self) -> None:
        self._shown = _PAGE
        await self.load()

    async def _decide(self, item: ReviewItem, decision: Decision) -> None:
        with told(self._frame):
            # At once, so that a quick U takes back this one and not the one before.
            self._last = await training().decide(item, decision, by(self._session))
            place = self._items.index(item) if item in self._items else 0
            for reason in item.reasons:
                self._numbers[reason] -= 1
            self._show_counts()
            self._items = [other for other in self._items if other.item_id != item.item_id]
            self._show_list()
            # The next one, or the last when there is no next.
            self._show_item(self._items[min(place, len(self._items) - 1)] if self._items else None)
            self._panel.panel.heading.focus()
            meant = decision.intent or item.suggestion.intent
            said = "Dropped." if decision.action is Action.DROP else f"Kept as {humanised(meant).lower()}."
            self._frame.toasts.show(f"{said} U takes it back.", "good")
            await self._show_decided()

    async def _take_back(self) -> None:
        if self._last is not None:
            await self._undo(self._last)

    async def _undo(self, review_id: UUID) -> None:
        with told(self._frame):
            reviews = {review.review_id: review for review in await training().decided(100)}
            await training().undo(review_id, by(self._session))
            known = {item.item_id for item in self._items}
            await self._load(self._open.item_id if self._open else None)
            back = [item for item in self._items if item.item_id not in known]
            if back:
                self._show_item(back[0])
            words = decision_words(reviews[review_id]).lower() if review_id in reviews else "the decision"
            self._frame.toasts.show(f"Taken back: {words}. The message is in the list again.", "good")

    async def _write_all(self) -> None:
        written = await write_decisions(self._session, self._frame)
        if written is not None:
            self._written_text.say(f"Written: {'; '.join(written)}.")
            self._written.put(hidden=None)
        with told(self._frame):
            await self._show_decided()
