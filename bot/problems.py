"""Errors over HTTP as RFC 9457 problem details, for Sanic."""

import json
import logging
from http import HTTPStatus
from typing import Any

from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)


class Problem(Exception):
    """An error that the caller should see.

    Args:
        status: the HTTP status.
        kind: a short word for programs; becomes the problem's `type`.
        detail: a sentence for people.
        more: further members of the problem document.
    """

    def __init__(self, status: int, kind: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.more = more


def response(status: int, kind: str, detail: str, **more: Any) -> HTTPResponse:
    """A problem document."""
    title = HTTPStatus(status).phrase
    return HTTPResponse(
        json.dumps({"type": kind, "title": title, "status": status, "detail": detail, **more}),
        status=status,
        headers={"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None,
        content_type="application/problem+json",
    )


def install(app: Sanic) -> None:
    """Make `app` answer every error as a problem document."""

    @app.exception(Problem)
    async def _problem(_request: Request, error: Problem) -> HTTPResponse:
        return response(error.status, error.kind, error.detail, **error.more)

    @app.exception(SanicException)
    async def _http(_request: Request, error: SanicException) -> HTTPResponse:
        return response(getattr(error, "status_code", 500), "about:blank", str(error))

    @app.exception(Exception)
    async def _unexpected(request: Request, error: Exception) -> HTTPResponse:
        logger.error("unexpected error at %s", request.path, exc_info=error)
        return response(500, "unexpected-error", "Something failed on our side; it is in the log.")
