"""One conversation: its messages, its customer, and what an agent can do with it."""

from uuid import UUID

from nicegui import ui

from web.agents.schemas import ConversationDetail
from web.console import access
from web.console.access import AgentSession, Session
from web.console.api import ApiError, Refused, SessionEnded
from web.console.conversations.customer import customer_panel
from web.console.conversations.open_page import OpenConversation
from web.console.kit import EmptyState, Node, link
from web.console.live import Live
from web.console.shared import console_of
from web.console.shell import page_frame
from web.console.words import customer_name

_HERE = "/conversations"


async def show(conversation_id: str, session: AgentSession) -> None:
    try:
        detail = await session.api.conversation(UUID(conversation_id))
    except SessionEnded:
        access.leave()
        return
    except (ValueError, Refused):
        _nothing(
            session, "There is no such conversation", "It may have been removed, or its address is not whole."
        )
        return
    except ApiError as error:
        _nothing(session, "The conversation can't be read", str(error))
        return
    await _open(session, detail)


def _nothing(session: Session, title: str, text: str) -> None:
    with page_frame(session, title, _HERE):
        EmptyState(title, text)
        with Node("p"):
            link("All conversations", _HERE)


async def _open(session: Session, detail: ConversationDetail) -> None:
    console = console_of()
    with page_frame(session, customer_name(detail), _HERE, layout="conversation") as frame:
        page = OpenConversation(session, frame, console.intents, detail)
        with page.beside:
            reading = Node("p", "Reading the customer …", "hint")

        async def read_customer() -> None:
            reading.delete()
            with page.beside:
                await _customer(session, detail.conversation_id)

        # Other services are asked, which may take a while: the conversation does not wait for them.
        ui.timer(0, read_customer, once=True)
    Live(
        console.settings.web_url,
        session.token,
        detail.conversation_id,
        refresh=page.refresh,
        connected=page.say_connected,
        ended=access.leave,
    ).start()


async def _customer(session: Session, conversation_id: UUID) -> None:
    try:
        panel = await session.api.customer(conversation_id)
    except SessionEnded:
        access.leave()
    except ApiError as error:
        EmptyState("The customer can't be read", str(error))
    else:
        customer_panel(panel)
