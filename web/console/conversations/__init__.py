"""The pages of agents: the list of conversations, and one conversation with its customer."""

from nicegui import ui

from web.console.conversations import detail, inbox

#: A page waits this long for the API, longer than the API may take to say that it can't.
_SECONDS = 20.0


def register() -> None:
    ui.page("/conversations", response_timeout=_SECONDS)(inbox.show)
    ui.page("/conversations/{conversation_id}", response_timeout=_SECONDS)(detail.show)
