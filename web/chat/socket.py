"""The live side of a conversation: first what was missed, then what happens."""

import asyncio
import contextlib
import json
import time
from typing import Any
from uuid import UUID

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, ValidationError

from common.logs import get_logger
from common.problems import Problem, document
from web.chat.database import DatabaseUnavailable
from web.chat.events import Event
from web.chat.hub import Item
from web.chat.records import ConversationUnknown
from web.chat.service import Service, service_of

log = get_logger(__name__)
router = APIRouter()

#: The first frame must come within this many seconds.
HELLO_SECONDS = 5.0
_PAGE = 500

#: Close codes: the widget reads them to know whether to come back.
HELLO_MISSING, NOT_ALLOWED, NOT_FOUND, TRY_AGAIN = 4400, 4401, 4404, 1013


class Hello(BaseModel):
    """The first frame of a socket."""

    type: str = Field(pattern="^hello$")
    token: str = Field(max_length=4096)
    after: int = Field(default=0, ge=0, le=2**31 - 1)


@router.websocket("/api/conversations/{conversation_id}/ws")
async def converse(socket: WebSocket, conversation_id: UUID) -> None:
    """`hello` in; then stored events as in GET events, and passing frames `ready`, `typing`, `pong`."""
    await socket.accept()
    service = service_of(socket)
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            hello = Hello.model_validate_json(await socket.receive_text())
        expires_at = service.tokens.check(hello.token, conversation_id)
    except WebSocketDisconnect:
        return
    except (TimeoutError, ValidationError, KeyError):
        detail = 'The first frame must be {"type": "hello", "token": "…", "after": N}, within 5 s.'
        await refuse(socket, HELLO_MISSING, document(400, "hello-missing", detail))
        return
    except Problem as problem:
        await refuse(socket, NOT_ALLOWED, document(problem.status, problem.kind, problem.detail))
        return
    incoming = asyncio.create_task(_answer_pings(socket))
    outgoing = asyncio.create_task(_send_events(socket, service, conversation_id, hello.after))
    done, pending = await asyncio.wait(
        {incoming, outgoing}, timeout=expires_at - time.time(), return_when=asyncio.FIRST_COMPLETED
    )
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    if not done:
        await refuse(socket, NOT_ALLOWED, document(401, "token-not-valid", "The token has expired."))
    elif outgoing in done:
        await _close_after(socket, outgoing.exception())


async def _send_events(socket: WebSocket, service: Service, conversation_id: UUID, after: int) -> None:
    with service.hub.listen(conversation_id) as queue:
        conversation = await service.records.read(conversation_id)
        await socket.send_json(
            {"type": "ready", "owner": conversation.ownership.owner, "last_seq": conversation.last_seq}
        )
        last = await _catch_up(socket, service, conversation_id, after)
        while True:
            last = await _send(socket, service, conversation_id, last, await queue.get())


async def _send(socket: WebSocket, service: Service, conversation_id: UUID, last: int, item: Item) -> int:
    """Send one item of the queue; the sequence number that the client then has."""
    if isinstance(item, dict):
        await socket.send_json(item)
    elif isinstance(item, Event) and item.seq == last + 1:
        await socket.send_json(item.public())
        return item.seq
    elif item is None or item.seq > last:
        return await _catch_up(socket, service, conversation_id, last)
    return last


async def _catch_up(socket: WebSocket, service: Service, conversation_id: UUID, last: int) -> int:
    while True:
        missed = await service.records.events_after(conversation_id, last, _PAGE)
        for event in missed:
            await socket.send_json(event.public())
            last = event.seq
        if len(missed) < _PAGE:
            return last


async def _answer_pings(socket: WebSocket) -> None:
    """Frames after the first carry nothing but `ping`; messages go over HTTP, where they are acknowledged."""
    with contextlib.suppress(WebSocketDisconnect, KeyError):
        while True:
            text = await socket.receive_text()
            with contextlib.suppress(ValueError):
                frame: Any = json.loads(text)
                if isinstance(frame, dict) and frame.get("type") == "ping":
                    await socket.send_json({"type": "pong"})


async def _close_after(socket: WebSocket, error: BaseException | None) -> None:
    if isinstance(error, ConversationUnknown):
        await refuse(
            socket, NOT_FOUND, document(404, "unknown-conversation", "There is no such conversation.")
        )
    elif isinstance(error, DatabaseUnavailable):
        await refuse(socket, TRY_AGAIN, document(503, "try-again", "The record is away. Connect again."))
    elif error is not None and not isinstance(error, WebSocketDisconnect | RuntimeError):
        log.error("socket ended by an error", error=error, exc_info=error)
        await refuse(socket, TRY_AGAIN, document(500, "unexpected-error", "Connect again in a moment."))


async def refuse(socket: WebSocket, code: int, problem: dict[str, Any]) -> None:
    """Say what is wrong and close the socket, if it is still open."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_json({"type": "problem", "problem": problem})
        await socket.close(code, problem["type"])
