"""The conversation server as an ASGI app."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from common import problems
from common.body_limit import BodyLimit
from web.agents import live
from web.agents import routes as agents
from web.chat import demo, routes, socket
from web.chat.database import DatabaseUnavailable
from web.chat.guards import SecurityHeaders
from web.chat.records import ConversationUnknown
from web.chat.service import running
from web.chat.settings import ChatSettings
from web.collect import routes as collect
from web.help import routes as help_routes
from web.preferences import routes as preferences

WIDGET_FOLDER = Path(__file__).resolve().parents[1] / "widget"

#: The longest body: 4,000 characters of four bytes, escaped, fit three times.
MAX_BODY = 256 * 1024

_DESCRIPTION = """
Conversations of customers with the assistant. Begin one with `POST /api/conversations`, send its token as
`Authorization: Bearer` with every other call, and follow it live over
`WS /api/conversations/{conversation_id}/ws` (first frame `{"type": "hello", "token": "…", "after": N}`):
stored events come first, in order, then new ones as they happen, between them passing frames
`{"type": "typing", "on": true}`. Errors are RFC 9457 problem details.
"""


def create_app(settings: ChatSettings) -> FastAPI:
    """The app for these settings; its parts are made of `app.state.settings` and live as long as its lifespan."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(app.state.settings) as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="Rapport conversations",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.settings = settings
    problems.install(app)
    _install_problems(app)
    app.include_router(routes.router)
    app.include_router(socket.router)
    app.include_router(agents.router)
    app.include_router(live.router)
    app.mount("/help/assets", StaticFiles(directory=help_routes.ASSETS), name="help")
    app.include_router(help_routes.router)
    app.include_router(collect.router)
    app.mount("/sdk", StaticFiles(directory=collect.SDK_FOLDER), name="sdk")
    app.include_router(preferences.router)
    app.mount("/preferences/files", StaticFiles(directory=preferences.FILES), name="preferences")
    app.mount("/widget", StaticFiles(directory=WIDGET_FOLDER), name="widget")
    if settings.demo:
        app.include_router(demo.router)
        app.mount("/demo", StaticFiles(directory=demo.DEMO_FOLDER), name="demo")
        # Another site must not reach the open conversations of the demo by a name of its own.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.add_middleware(BodyLimit, longest=MAX_BODY)
    if settings.widget_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.widget_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Retry-After"],
        )
    app.add_middleware(SecurityHeaders, origins=settings.widget_origins)
    return app


def _install_problems(app: FastAPI) -> None:
    @app.exception_handler(DatabaseUnavailable)
    async def _database(_request: Request, _error: DatabaseUnavailable) -> JSONResponse:
        detail = "Your message could not be kept just now. Send it again in a few seconds."
        return problems.response(503, "record-unavailable", detail, headers={"Retry-After": "2"})

    @app.exception_handler(ConversationUnknown)
    async def _unknown(_request: Request, _error: ConversationUnknown) -> JSONResponse:
        detail = "There is no such conversation. Start a new one."
        return problems.response(404, "unknown-conversation", detail)
