"""`/quality` for people, `/metrics` for Prometheus: what the newest run found. Figures only, no customer's values."""

import base64
import binascii
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from common.auth import bearer
from common.problems import Problem
from profiles.api_access import Keep, admit
from profiles.quality.page import as_html
from profiles.quality.prometheus import CONTENT_TYPE, as_text, metrics_of
from profiles.quality.rules import read_rules
from profiles.quality.run import history, latest

SHOWN_DAYS = 30
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Rapport: quality of the data", charset="UTF-8"'}


def make_router() -> APIRouter:
    """The routes; for analysts, admins and what reads metrics."""
    rules = read_rules()
    router = APIRouter(dependencies=[Depends(_analyst)])

    @router.get("/quality", response_class=HTMLResponse)
    async def quality(store: Keep) -> HTMLResponse:
        """The page."""
        async with store.engine.connect() as connection:
            report = await latest(connection)
            past = await history(connection, datetime.now(UTC) - timedelta(days=SHOWN_DAYS))
        return HTMLResponse(as_html(report, past, rules), headers=HEADERS)

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics(store: Keep) -> PlainTextResponse:
        """The same figures; nothing before the first run."""
        async with store.engine.connect() as connection:
            report = await latest(connection)
        return PlainTextResponse(as_text(metrics_of(report)) if report else "", media_type=CONTENT_TYPE)

    return router


async def _analyst(request: Request) -> None:
    """Let in by a key or token as Bearer, or as the password of HTTP Basic, so that a browser can ask for it.

    Raises:
        Problem: 401, 403, 429; a browser asks for the password then.
    """
    try:
        await admit(request, _credential(request))
    except Problem as problem:
        if problem.status == 401:
            problem.headers = _CHALLENGE
        raise


def _credential(request: Request) -> str:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return bearer(request)
    try:
        _, _, password = base64.b64decode(sent.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        password = ""
    if not password:
        raise Problem(401, "no-key", "Give the key as the password.")
    return password
