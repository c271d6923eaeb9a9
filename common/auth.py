"""Bearer keys between the project's own services."""

import hmac

from fastapi import Request

from common.problems import Problem


def bearer(request: Request) -> str:
    """The token of the `Authorization: Bearer` header.

    Raises:
        Problem: 401 when there is none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(
            401,
            "no-key",
            "Send the key as 'Authorization: Bearer KEY'.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    return token.strip()


def require_key(request: Request, expected: str) -> None:
    """Refuse a request whose bearer key is not `expected`, in constant time."""
    if not hmac.compare_digest(bearer(request).encode(), expected.encode()):
        raise Problem(401, "wrong-key", "This key is not known here.", headers={"WWW-Authenticate": "Bearer"})
