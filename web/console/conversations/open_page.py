"""An open conversation of one agent: what is shown of it, and what the buttons do."""

from collections.abc import Mapping
from uuid import UUID

from web.agents.schemas import CloseOutcome, ConversationDetail, OpenForm, TranscriptEvent
from web.chat.ownership import Owner
from web.console.access import Session
from web.console.conversations.composer import Composer
from web.console.conversations.keys import KEYS
from web.console.conversations.notes import Notes
from web.console.conversations.questions import CloseDialog, MarkDialog
from web.console.conversations.transcript import Transcript
from web.console.kit import Button, Chip, Disclosure, Frame, Node, Notice, facts, lines, link
from web.console.kit.keys import keyboard_help
from web.console.shell import told
from web.console.words import (
    MOOD_TONES,
    MOODS,
    OUTCOMES,
    customer_name,
    owner_tone,
    owner_words,
)

_INTERRUPTED = "Live updates are interrupted. New messages appear as soon as the connection is back."


class OpenConversation:
    """The parts of the page. `beside` is the column for what is known of the customer."""

    def __init__(
        self, session: Session, frame: Frame, intents: Mapping[str, str], detail: ConversationDetail
    ) -> None:
        self._session = session
        self._api = session.api
        self._frame = frame
        self._detail = detail
        self._close_dialog = CloseDialog(self._close)
        self._mark_dialog = MarkDialog(intents, self._mark)
        self._head()
        self._notice = Notice("", "warn")
        self._switch()
        with Node("div", "", "columns") as self._columns:
            with Node("section", "", "panel talk", aria_label="Conversation"):
                with Disclosure("Summary", unfolded=True, classes="summary"):
                    self._summary = Node("div", "", "summary-body")
                self._transcript = Transcript(customer_name(detail), self._asked_to_mark)
                self._composer = Composer(self._send)
            with Node("aside", "", "beside", aria_label="Customer and notes", tabindex="0"):
                self.beside = Node("div", "", "stack")
                self._notes = Notes(self._add_note)
        self._summed: tuple[list[str], OpenForm | None] | None = None
        self._show(detail)

    def say_connected(self, connected: bool) -> None:
        self._notice.show("" if connected else _INTERRUPTED)

    async def refresh(self) -> None:
        """Read the conversation again and show what is new."""
        with told(self._frame):
            self._show(await self._api.conversation(self._id))

    @property
    def _id(self) -> UUID:
        return self._detail.conversation_id

    @property
    def _mine(self) -> bool:
        agent = self._detail.agent
        return (
            self._detail.owner is Owner.AGENT
            and agent is not None
            and agent.staff_id == self._session.staff.staff_id
        )

    def _head(self) -> None:
        with Node("div", "", "bar"):
            link("← All conversations", "/conversations")
            with Node("p", "", "chips state", role="status"):
                self._state = Chip("", prefix="State")
                self._mood = Chip("", prefix="Mood")
                self._outcome = Chip("", prefix="Outcome")
            with Node("div", "", "buttons"):
                self._take_button = Button("Take over", self._take, kind="primary")
                self._back_button = Button("Hand back to the assistant", self._hand_back)
                self._close_button = Button("Close…", self._close_dialog.ask, kind="danger")
                keyboard_help(KEYS)

    def _switch(self) -> None:
        """On a narrow screen one column is seen at a time."""
        with Node("div", "", "switch buttons", role="group", aria_label="What to show"):
            self._talk_button = Button("Conversation", lambda: self._look(beside=False))
            self._beside_button = Button("Customer and notes", lambda: self._look(beside=True))
        self._talk_button.put(aria_pressed="true")
        self._beside_button.put(aria_pressed="false")

    def _look(self, *, beside: bool) -> None:
        self._columns.classes(add="see-beside") if beside else self._columns.classes(remove="see-beside")
        self._talk_button.put(aria_pressed="false" if beside else "true")
        self._beside_button.put(aria_pressed="true" if beside else "false")

    def _show(self, detail: ConversationDetail) -> None:
        if (detail.epoch, detail.last_seq) < (self._detail.epoch, self._detail.last_seq):
            # An answer that was overtaken by a later one.
            return
        self._detail = detail
        mine, closed = self._mine, detail.owner is Owner.CLOSED
        self._state.show("With you" if mine else owner_words(detail), owner_tone(detail.owner))
        mood = "angry" if detail.angry else detail.mood
        self._mood.put(hidden=None if mood else True)
        if mood:
            self._mood.show(MOODS[mood], MOOD_TONES[mood])
        self._outcome.put(hidden=None if detail.outcome else True)
        if detail.outcome:
            self._outcome.show(OUTCOMES[detail.outcome].partition(":")[0], "plain")
        self._take_button.put(hidden=None if detail.owner in (Owner.BOT, Owner.QUEUED) else True)
        self._back_button.put(hidden=None if mine else True)
        self._close_button.put(hidden=None if mine and not closed else True)
        self._show_summary(detail)
        self._frame.rename(customer_name(detail))
        self._transcript.show(detail.events, detail.more_before)
        self._composer.show(detail, mine=mine)
        self._notes.show(detail.notes)

    def _show_summary(self, detail: ConversationDetail) -> None:
        if self._summed == (detail.summary, detail.form):
            return
        self._summed = (detail.summary, detail.form)
        self._summary.clear()
        with self._summary:
            lines(detail.summary)
            if detail.form is not None:
                _form(detail.form)

    async def _take(self) -> None:
        with told(self._frame):
            try:
                self._show(await self._api.take(self._id, self._detail.epoch))
            finally:
                # After a refusal too: the page then shows who has it.
                await self.refresh()
        if self._mine:
            self._frame.toasts.show("You have this conversation. The assistant is silent.", "good")
            self._composer.focus()

    async def _hand_back(self) -> None:
        with told(self._frame):
            try:
                await self._api.hand_back(self._id)
                self._frame.toasts.show("The assistant has the conversation again, and was told.", "good")
            finally:
                await self.refresh()
        self._take_button.focus()

    async def _close(self, outcome: CloseOutcome, note: str) -> bool:
        with told(self._frame):
            try:
                await self._api.close(self._id, outcome, note)
            finally:
                await self.refresh()
            self._frame.toasts.show("The conversation is closed.", "good")
            return True
        return False

    async def _send(self, text: str, client_id: str) -> bool:
        with told(self._frame):
            try:
                await self._api.send(self._id, text, client_id)
            finally:
                await self.refresh()
            self._transcript.go_to_end()
            return True
        return False

    async def _add_note(self, text: str) -> bool:
        with told(self._frame):
            await self._api.note(self._id, text)
            await self.refresh()
            return True
        return False

    async def _asked_to_mark(self, event: TranscriptEvent) -> None:
        if event.turn is None or event.turn.marked is None:
            self._mark_dialog.ask(event.seq, event.text)
            return
        with told(self._frame):
            await self._api.unmark(self._id, event.seq)
            await self.refresh()
            self._frame.toasts.show("The mark is removed.")

    async def _mark(self, seq: int, intent: str, comment: str) -> bool:
        with told(self._frame):
            await self._api.mark(self._id, seq, intent, comment)
            await self.refresh()
            self._frame.toasts.show("Marked. Trainers will see it.", "good")
            return True
        return False


def _form(form: OpenForm) -> None:
    """What the assistant had asked for, with what the customer has already said."""
    with Node("div", "", "card"):
        Node("h3", f"Open: {form.title}")
        facts(
            [(field.label, field.value) for field in form.filled]
            + [(field.label, "not said yet") for field in form.missing]
        )
