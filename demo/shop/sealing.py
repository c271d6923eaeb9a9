"""What the shop keeps of people at rest: addresses, contact details and answers, encrypted with its own key."""

import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12  # bytes, as GCM wants them


class Unreadable(Exception):
    """A sealed value that was not sealed with this key for this place, or was altered."""


class Sealer:
    """Seals and opens values; each opens only in the place for which it was sealed.

    Args:
        data_key: 32 random bytes (`RAPPORT_DATA_KEY`).
    """

    def __init__(self, data_key: bytes) -> None:
        own = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"rapport shop fields").derive(data_key)
        self._cipher = AESGCM(own)

    def seal(self, place: str, value: Any) -> bytes:
        """Encrypt anything that JSON can hold; the order of members is kept."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, json.dumps(value).encode(), place.encode())

    def open(self, place: str, sealed: bytes) -> Any:
        """Decrypt.

        Raises:
            Unreadable: another key or place, or an altered value.
        """
        try:
            return json.loads(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode()))
        except InvalidTag:
            raise Unreadable(
                f"a value of {place.split(':', maxsplit=1)[0]} does not open with this key"
            ) from None
