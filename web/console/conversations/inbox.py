"""The list of conversations: live, those who wait and the angry first."""

from uuid import UUID

from fastapi import Request

from web.agents.schemas import ConversationItem, ConversationList, Counts
from web.chat.ownership import Owner
from web.console import access
from web.console.access import AgentSession, Session
from web.console.conversations.filters import NAMES, Filters
from web.console.conversations.keys import KEYS
from web.console.conversations.row import ConversationRow
from web.console.kit import Button, Chip, EmptyState, Frame, Node, Notice, Rows
from web.console.kit.keys import keyboard_help
from web.console.live import Live
from web.console.shared import console_of
from web.console.shell import page_frame, told
from web.console.words import customer_name

_INTERRUPTED = "Live updates are interrupted. The list shows how things were; it catches up by itself."


async def show(request: Request, session: AgentSession) -> None:
    console = console_of()
    chosen = {name: request.query_params.get(name, "") for name in NAMES}
    with page_frame(session, "Conversations", "/conversations") as frame:
        inbox = _InboxPage(session, frame, chosen)
        await inbox.load()
    Live(
        console.settings.web_url,
        session.token,
        None,
        refresh=inbox.refresh,
        connected=inbox.say_connected,
        ended=access.leave,
    ).start()


class _InboxPage:
    """The open page of one agent."""

    def __init__(self, session: Session, frame: Frame, chosen: dict[str, str]) -> None:
        self._session = session
        self._frame = frame
        self._pages = 1
        self._readings = 0
        # None: whatever is found is not news.
        self._known_waiting: set[UUID] | None = None
        self._number_waiting = 0
        with Node("div", "", "bar"):
            with Node("p", "", "chips"):
                self._waiting = Chip("", "warn")
                self._with_agents = Chip("", "good")
                self._with_bot = Chip("")
            keyboard_help(KEYS)
        self._notice = Notice("", "warn")
        self._filters = Filters(console_of(), chosen, self._narrowed)
        self._list: Rows[ConversationItem] = Rows(
            "Conversations",
            lambda item: str(item.conversation_id),
            lambda item: ConversationRow(item, session.staff.staff_id),
        )
        self._empty = EmptyState("", "")
        with Node("div", "", "buttons"):
            self._more = Button("Show more", self._show_more)

    async def load(self) -> None:
        """Read the list for the first time, or when it was asked for differently: nothing in it is news."""
        self._known_waiting = None
        await self.refresh()

    async def refresh(self) -> None:
        """Read the list again, and say who began to wait meanwhile."""
        self._readings += 1
        reading = self._readings
        with told(self._frame):
            found = await self._read()
            if reading != self._readings:
                # Overtaken by a later one: this may be an answer to filters that were chosen before.
                return
            if self._known_waiting is not None:
                self._tell_new(found, self._known_waiting)
            self._known_waiting = _waiting(found)
            self._number_waiting = found.counts.queued
            self._show(found)

    def say_connected(self, connected: bool) -> None:
        self._notice.show("" if connected else _INTERRUPTED)

    async def _narrowed(self) -> None:
        self._pages = 1
        await self.load()

    async def _show_more(self) -> None:
        self._pages += 1
        await self.load()

    async def _read(self) -> ConversationList:
        found = await self._session.api.conversations(self._filters.query())
        items = list(found.conversations)
        for _ in range(self._pages - 1):
            if found.next_cursor is None:
                break
            found = await self._session.api.conversations(self._filters.query(), found.next_cursor)
            items += found.conversations
        # A conversation may have moved from one page to the next between two questions.
        unique = {item.conversation_id: item for item in items}
        return found.model_copy(update={"conversations": list(unique.values())})

    def _show(self, found: ConversationList) -> None:
        self._show_counts(found.counts)
        self._list.show(found.conversations)
        self._more.put(hidden=found.next_cursor is None)
        self._empty.put(hidden=bool(found.conversations))
        if self._filters.any:
            self._empty.show("Nothing fits these filters", "Clear one of them to see more.")
        else:
            self._empty.show("No conversations yet", "They appear here as soon as somebody writes.")

    def _show_counts(self, counts: Counts) -> None:
        self._waiting.show(f"{counts.queued} waiting", "warn" if counts.queued else "plain")
        self._with_agents.show(f"{counts.agent} with agents", "good" if counts.agent else "plain")
        self._with_bot.show(f"{counts.bot} with the assistant", "plain")
        self._frame.count(counts.queued)

    def _tell_new(self, found: ConversationList, known: set[UUID]) -> None:
        new = [
            customer_name(item)
            for item in found.conversations
            if item.owner is Owner.QUEUED and item.conversation_id not in known
        ]
        if new:
            self._frame.toasts.show(
                f"{', '.join(new)} {'is' if len(new) == 1 else 'are'} waiting for a person."
            )
        elif found.counts.queued > self._number_waiting:
            self._frame.toasts.show("Somebody new is waiting, outside of what this list shows.")


def _waiting(found: ConversationList) -> set[UUID]:
    return {item.conversation_id for item in found.conversations if item.owner is Owner.QUEUED}
