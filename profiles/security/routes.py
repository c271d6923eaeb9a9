"""`POST /oauth/token`: a token for a client's id and secret."""

from typing import Any

from fastapi import APIRouter, Request, Response

from common.problems import Problem
from profiles.security.access import Access
from profiles.security.clients import find_client
from profiles.security.oauth import TokenRequest, UnreadableRequest, answer, refusal

LONGEST_FORM = 4_096

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                        "scope": {"type": "string", "pattern": "^customer:[A-Za-z0-9_-]{1,64}$"},
                    },
                }
            }
        },
    }
}
_STATUSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A token, for `Authorization: Bearer`.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["access_token", "token_type", "expires_in"],
                    "properties": {
                        "access_token": {"type": "string"},
                        "token_type": {"type": "string"},
                        "expires_in": {"type": "integer"},
                        "scope": {"type": "string"},
                    },
                }
            }
        },
    },
    400: {"description": "Not understood, or a scope that this client can't have (RFC 6749, section 5.2)."},
    401: {"description": "The client is not known, or its secret is wrong."},
    413: {"description": "The form is too long."},
    429: {"description": "Too many requests of this client."},
}


def make_router() -> APIRouter:
    """The one route."""
    router = APIRouter(tags=["access"])
    router.add_api_route(
        "/oauth/token", _token, methods=["POST"], responses=_STATUSES, openapi_extra=_FORM, name="token"
    )
    return router


async def _token(request: Request) -> Response:
    """A token for some minutes, by the client's id and secret (HTTP Basic, or in the form)."""
    access: Access = request.app.state.access
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            raise Problem(413, "too-long", f"A form has up to {LONGEST_FORM} bytes.")
    try:
        asked = TokenRequest(bytes(body), request.headers)
        client_id = asked.names_client()
    except UnreadableRequest as error:
        status, content, headers = refusal(str(error))
        return Response(content, status, headers, "application/json")
    async with access.engine.connect() as connection:
        client = await find_client(connection, client_id) if "\x00" not in client_id else None
    if client is not None and client.revoked_at is not None:
        client = None
    # Unknown clients count as well: whether requests are counted must not tell who is known.
    await access.count(request, f"token:{client_id}", access.limits.token)
    status, content, headers = answer(asked, client, access.tokens)
    return Response(content, status, headers, "application/json")
