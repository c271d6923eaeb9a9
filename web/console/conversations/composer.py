"""Where an agent answers, or reads why that is not possible now."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from web.agents.schemas import ConversationItem
from web.chat.ownership import Owner
from web.console.kit import Button, Form, Node, TextArea, Values

#: Sends a text under an id of the console's own; says whether that succeeded.
Send = Callable[[str, str], Awaitable[bool]]


class Composer:
    """The field for an answer, and instead of it the reason when the conversation is not one's own."""

    def __init__(self, send: Send) -> None:
        self._send = send
        #: A text that was not taken, and its id: sent again, it must not become a second message.
        self._failed: tuple[str, str] | None = None
        self._reason = Node("p", "", "composer-reason", role="status")
        with Form(self._submit, label="Answer", classes="composer") as self._form:
            self._field = TextArea("Your answer to the customer", "text", rows=2, enter_sends=True)
            self._field.control.put(data_reply="", maxlength=4000)
            Button("Send", submits=True, kind="primary")

    def show(self, item: ConversationItem, *, mine: bool) -> None:
        self._form.put(hidden=None if mine else True)
        self._reason.put(hidden=True if mine else None)
        self._reason.say("" if mine else why_not(item))

    def focus(self) -> None:
        self._field.control.focus()

    async def _submit(self, values: Values) -> None:
        text = values["text"].strip()
        if not text:
            return
        client_id = self._failed[1] if self._failed and self._failed[0] == text else str(uuid4())
        if await self._send(text, client_id):
            self._failed = None
            self._field.clear_if(text)
        else:
            self._failed = (text, client_id)


def why_not(item: ConversationItem) -> str:
    """Why somebody who does not have the conversation can't answer in it."""
    match item.owner:
        case Owner.AGENT:
            name = item.agent.display_name if item.agent else "A colleague"
            return f"{name} answers here. You can leave a note, or ask for it to be handed back."
        case Owner.QUEUED:
            return "The customer waits for a person. Take over to answer; until then the assistant goes on."
        case Owner.BOT:
            return "The assistant answers here. Take over to write; it is silent then."
        case Owner.CLOSED:
            return "This conversation is closed. If the customer writes again, a new one begins."
