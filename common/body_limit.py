"""A limit on the bodies of requests, for every FastAPI app of the project."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common import problems


class BodyLimit:
    """Refuses long bodies with 413, by their declared length or while they come in.

    Args:
        longest: in bytes.
    """

    def __init__(self, app: ASGIApp, longest: int) -> None:
        self._app = app
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        detail = f"A request may have up to {self._longest // 1024} KiB. Send less at once."
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > self._longest:
            await problems.response(413, "body-too-long", detail)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._longest:
                # The one kind of error that the framework passes on while it reads a body.
                raise HTTPException(413, detail)
            return message

        await self._app(scope, counted, send)
