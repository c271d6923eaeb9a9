"""Conversation tokens: signed, bound to one conversation, with an expiry."""

import functools
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from common.problems import Problem

_AUDIENCE = "rapport-conversation"
_CLAIMS = jwt.JWTClaimsRegistry(
    aud={"essential": True, "value": _AUDIENCE}, sub={"essential": True}, exp={"essential": True}
)
LIFETIME = 24 * 3600


@dataclass(frozen=True)
class Token:
    """A token as given out; `expires_at` in seconds since 1970."""

    value: str
    expires_at: int


class Tokens:
    """Issues and checks tokens with one secret (HS256)."""

    def __init__(self, secret: str) -> None:
        self._key = OctKey.import_key(secret)
        # A conversation sends the same token with each message.
        self._signed = functools.lru_cache(maxsize=4096)(self._decode)

    def issue(self, conversation_id: UUID, lifetime: int = LIFETIME) -> Token:
        now = int(time.time())
        claims = {"aud": _AUDIENCE, "sub": str(conversation_id), "iat": now, "exp": now + lifetime}
        return Token(jwt.encode({"alg": "HS256"}, claims, self._key), now + lifetime)

    def check(self, token: str, conversation_id: UUID) -> int:
        """Make sure that `token` opens `conversation_id`; the time at which it expires.

        Raises:
            Problem: 401 for a token that is forged, broken or expired; 403 for that of another conversation.
        """
        claims = self._claims(token)
        if claims["sub"] != str(conversation_id):
            raise Problem(403, "not-your-conversation", "This token belongs to another conversation.")
        return int(claims["exp"])

    def conversation(self, token: str) -> UUID:
        """The conversation that `token` opens.

        Raises:
            Problem: 401 for a token that is forged, broken or expired.
        """
        return UUID(self._claims(token)["sub"])

    def _claims(self, token: str) -> dict[str, Any]:
        try:
            claims = self._signed(token)
            _CLAIMS.validate(claims)
        except (JoseError, ValueError):
            raise Problem(
                401,
                "token-not-valid",
                "This token is not valid or has expired. Start a new conversation.",
                headers={"WWW-Authenticate": "Bearer"},
            ) from None
        return claims

    def _decode(self, token: str) -> dict[str, Any]:
        return jwt.decode(token, self._key, algorithms=["HS256"]).claims
