"""What changes in any conversation, live, for the agents' list."""

import asyncio
import contextlib
import time
from uuid import UUID

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, ValidationError

from common.problems import Problem, document
from web.agents.access import AGENT_ROLES, require_role, session_of
from web.chat.database import DatabaseUnavailable
from web.chat.hub import Watch
from web.chat.service import Service, service_of
from web.chat.socket import HELLO_MISSING, HELLO_SECONDS, NOT_ALLOWED, TRY_AGAIN, refuse

router = APIRouter()

#: Seconds. With each ping the session is looked at again: who was signed out hears nothing more.
PING_SECONDS = 20.0


class Hello(BaseModel):
    """The first frame."""

    type: str = Field(pattern="^hello$")
    token: str = Field(max_length=200)


@router.websocket("/api/agent/live")
async def watch_all(socket: WebSocket) -> None:
    """`hello` in; then `ready`, and `changed` with the id of each conversation in which something changes."""
    await socket.accept()
    service = service_of(socket)
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            hello = Hello.model_validate_json(await socket.receive_text())
        await _check(service, hello.token)
        with service.hub.watch() as watch:
            await socket.send_json({"type": "ready"})
            await _serve(socket, service, hello.token, watch)
    except WebSocketDisconnect:
        return
    except (TimeoutError, ValidationError, KeyError):
        detail = 'The first frame must be {"type": "hello", "token": "…"}, within 5 s.'
        await refuse(socket, HELLO_MISSING, document(400, "hello-missing", detail))
    except Problem as problem:
        await refuse(socket, NOT_ALLOWED, document(problem.status, problem.kind, problem.detail))
    except DatabaseUnavailable:
        await refuse(socket, TRY_AGAIN, document(503, "try-again", "The record is away. Connect again."))


async def _serve(socket: WebSocket, service: Service, token: str, watch: Watch) -> None:
    incoming = asyncio.create_task(_until_closed(socket))
    outgoing = asyncio.create_task(_send_changes(socket, service, token, watch))
    done, pending = await asyncio.wait({incoming, outgoing}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    if outgoing in done:
        await outgoing


async def _send_changes(socket: WebSocket, service: Service, token: str, watch: Watch) -> None:
    changes: asyncio.Task[set[UUID | None]] = asyncio.create_task(watch.changes())
    next_ping = time.monotonic() + PING_SECONDS
    try:
        while True:
            done, _ = await asyncio.wait({changes}, timeout=max(0.0, next_ping - time.monotonic()))
            if time.monotonic() >= next_ping:
                await _check(service, token)
                await socket.send_json({"type": "ping"})
                next_ping = time.monotonic() + PING_SECONDS
            if not done:
                continue
            for conversation_id in changes.result():
                shown = str(conversation_id) if conversation_id else None
                await socket.send_json({"type": "changed", "conversation_id": shown})
            changes = asyncio.create_task(watch.changes())
    finally:
        changes.cancel()


async def _until_closed(socket: WebSocket) -> None:
    """Nothing is said after the first frame; reading notices that the socket has closed."""
    with contextlib.suppress(WebSocketDisconnect, KeyError):
        while True:
            await socket.receive_text()


async def _check(service: Service, token: str) -> None:
    account, _ = await session_of(service, token)
    require_role(account, *AGENT_ROLES)
