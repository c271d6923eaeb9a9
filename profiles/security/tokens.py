"""Access tokens: signed JWTs (RFC 9068) that last some minutes, each with the number of the key that signed it."""

import base64
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from profiles.keys import Role
from profiles.security.keyring import SWITCH_SECONDS, Key, KeyRing

TOKEN_SECONDS = 600
#: A new signing key is made of itself when the newest is older.
KEY_DAYS = 30
ISSUER = "rapport-profiles"
AUDIENCE = "rapport-profiles"
ALGORITHM = "Ed25519"
#: Clocks of two machines may differ by this. Seconds.
LEEWAY = 5


@dataclass(frozen=True)
class Claims:
    """What a token says: which client it was given to, what it may be used as, and for which customer only."""

    client_id: str
    role: Role
    customer_id: str | None
    expires_at: float


class Tokens:
    """Signs tokens and reads them.

    Args:
        ring: the signing keys.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._keys: dict[int, OKPKey] = {}

    def issue(self, client_id: str, role: Role, customer_id: str | None) -> str:
        """A new token, valid for `TOKEN_SECONDS`."""
        key = self._ring.newest()
        if datetime.now(UTC) - key.created_at > timedelta(days=KEY_DAYS):
            key = self._ring.add()
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": client_id,
            "role": role,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(12),
        }
        if customer_id is not None:
            claims["customer_id"] = customer_id
        header = {"alg": ALGORITHM, "kid": str(key.key_id), "typ": "at+jwt"}
        return jwt.encode(header, claims, self._key(key), algorithms=[ALGORITHM])

    def read(self, token: str) -> Claims | None:
        """What a token says; None when it was not signed here, was altered, or is not valid now."""
        try:
            decoded = jwt.decode(token, lambda signed: self._signer(signed.headers()), algorithms=[ALGORITHM])
        except (JoseError, ValueError, TypeError):  # the last for headers that no token has
            return None
        said = decoded.claims
        now = time.time()
        in_time = said.get("iat", now + 1) - LEEWAY <= now < said.get("exp", 0)
        if not in_time or (said.get("iss"), said.get("aud")) != (ISSUER, AUDIENCE):
            return None
        if decoded.header.get("typ") != "at+jwt" or said.get("role") not in get_args(Role):
            return None
        return Claims(str(said["sub"]), said["role"], said.get("customer_id"), float(said["exp"]))

    def _signer(self, headers: Mapping[str, Any]) -> OKPKey:
        """The key that a token names.

        Raises:
            ValueError, TypeError: there is none, or it has been replaced for longer than its tokens last.
        """
        key = self._ring.find(int(headers.get("kid", "")))
        if key is None:
            raise ValueError("no such key")
        known = self._ring.known()
        later = [other for other in known if other.key_id > key.key_id]
        if later:
            replaced = later[0].created_at.timestamp()
            if time.time() > replaced + TOKEN_SECONDS + SWITCH_SECONDS:
                raise ValueError("an old key")
        return self._key(key)

    def _key(self, key: Key) -> OKPKey:
        if key.key_id not in self._keys:
            public = Ed25519PrivateKey.from_private_bytes(key.secret).public_key().public_bytes_raw()
            self._keys[key.key_id] = OKPKey.import_key(
                {"kty": "OKP", "crv": "Ed25519", "x": _base64(public), "d": _base64(key.secret)}
            )
        return self._keys[key.key_id]


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
