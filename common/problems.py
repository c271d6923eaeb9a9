"""Errors over HTTP as RFC 9457 problem details, for every FastAPI app of the project."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from common.logs import get_logger

log = get_logger(__name__)


class Problem(Exception):
    """An error that the caller should see.

    Args:
        status: the HTTP status.
        kind: a short word for programs, such as `unknown-order`; becomes the problem's `type`.
        detail: a sentence for people: what was wrong and what to do.
        more: extension members of the problem document.
    """

    def __init__(
        self, status: int, kind: str, detail: str, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers
        self.more = more


def document(status: int, kind: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem document (RFC 9457, section 3.1)."""
    return {"type": kind, "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def response(
    status: int, kind: str, detail: str, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    return JSONResponse(
        document(status, kind, detail, **more),
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Make `app` answer every error, its own and the framework's, as a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_request: Request, error: Problem) -> JSONResponse:
        return response(error.status, error.kind, error.detail, error.headers, **error.more)

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers) if error.headers else None
        return response(error.status_code, "about:blank", str(error.detail), headers)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"pointer": "/" + "/".join(str(part) for part in item["loc"]), "detail": item["msg"]}
            for item in error.errors()
        ]
        detail = "; ".join(f"{item['pointer']}: {item['detail']}" for item in errors)
        return response(422, "invalid-request", detail, errors=errors)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected error", path=request.url.path, error=error, exc_info=error)
        return response(
            500, "unexpected-error", "Something failed on our side. It is in the log; try again in a moment."
        )
