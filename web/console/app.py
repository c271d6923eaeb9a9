"""The console's ASGI app."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse
from nicegui import app as pages
from nicegui import ui
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.console import access, api, conversations, sign_in, training
from web.console.access import AnySession, NotTheirRole, SignInNeeded
from web.console.settings import ConsoleSettings
from web.console.shared import Console, read_intents, read_segments
from web.console.shell import places_of

_STATIC = Path(__file__).parent / "static"
#: NiceGUI builds its pages with `eval` and inline scripts; nothing may come from, or go to, another host.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
}


def create_app(settings: ConsoleSettings) -> FastAPI:
    """The console. NiceGUI has one app a process, so this can be called once in each."""
    console = Console(
        settings,
        api.connect(settings.web_url),
        read_intents(settings.domain_file),
        read_segments(settings.segments_file),
    )
    folder = settings.state / "console"
    folder.mkdir(parents=True, exist_ok=True)
    # Sessions of staff lie there.
    folder.chmod(0o700)
    type(pages.storage).path = folder
    pages.state.console = console
    pages.on_shutdown(console.http.aclose)
    pages.add_static_files("/console", _STATIC)
    pages.add_exception_handler(SignInNeeded, _to_sign_in)
    pages.add_exception_handler(NotTheirRole, _to_start)
    ui.add_head_html(
        '<link rel="stylesheet" href="/console/console.css"><script type="module" src="/console/console.js"></script>',
        shared=True,
    )
    ui.page("/")(_start)
    for part in (sign_in, conversations, training):
        part.register()
    outer = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outer.get("/health")(_health(console))
    outer.add_middleware(_SecurityHeaders)
    ui.run_with(
        outer,
        title="Rapport",
        favicon=_STATIC / "icon.svg",
        dark=None,
        language="en-GB",
        tailwind=False,
        reconnect_timeout=20.0,
        show_welcome_message=False,
        storage_secret=settings.console_secret.get_secret_value(),
        session_middleware_kwargs={
            "session_cookie": "rapport_console",
            "same_site": "lax",
            "max_age": 12 * 3600,
        },
    )
    return outer


async def _start(session: AnySession) -> RedirectResponse:
    """Where the work of this role begins."""
    return RedirectResponse(places_of(session.staff)[0].path, 303)


async def _to_sign_in(_request: Request, error: Exception) -> RedirectResponse:
    if not isinstance(error, SignInNeeded):
        raise error
    return RedirectResponse(access.sign_in_path(error.path, error.why), 303)


async def _to_start(_request: Request, _error: Exception) -> RedirectResponse:
    return RedirectResponse("/", 303)


def _health(console: Console) -> Callable[[], Awaitable[JSONResponse]]:
    """Ready when the conversation server answers at all: its own health is told by itself."""

    async def health() -> JSONResponse:
        try:
            await console.http.get(f"{console.settings.web_url}/health")
        except httpx.HTTPError as error:
            reason = f"the conversation server can't be reached ({type(error).__name__})"
            return JSONResponse({"status": "failing", "service": "console", "reason": reason}, 503)
        return JSONResponse({"status": "ready", "service": "console"})

    return health


class _SecurityHeaders:
    """What the browser may not do on these pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_HEADERS.items()]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
