"""What every answer carries and what no request may do: security headers and a limit on bodies."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from common import problems

#: The longest body: 4,000 characters of four bytes, escaped, fit three times.
MAX_BODY = 256 * 1024


class SecurityHeaders:
    """Strict headers; pages of `origins` may frame what is served here."""

    def __init__(self, app: ASGIApp, origins: tuple[str, ...] = ()) -> None:
        self._app = app
        ancestors = " ".join(("'self'", *origins))
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
        )
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
        # FastAPI's own page of the API loads its scripts from elsewhere, which this policy refuses.

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                # Conversations are personal: no cache keeps them. Files revalidate by their tag.
                api = scope["path"].startswith("/api/")
                headers.setdefault("Cache-Control", "no-store" if api else "no-cache")
            await send(message)

        await self._app(scope, receive, with_headers)


class BodyTooLong(Exception):
    """The body grew beyond the limit while it was read."""


class BodyLimit:
    """Refuses long bodies with 413, by their declared length or while they come in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = problems.response(
            413, "body-too-long", f"A request may have up to {MAX_BODY // 1024} KiB. Send less at once."
        )
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > MAX_BODY:
            await refusal(scope, receive, send)
            return
        received = 0
        answered = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise BodyTooLong
            return message

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, counted, watched)
        except BodyTooLong:
            if not answered:
                await refusal(scope, receive, send)
