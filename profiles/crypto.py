"""Sensitive fields at rest: encrypted, searchable only through a keyed index, pseudonyms for the audit log.

One data key, from which HKDF makes an own key for each use, so that no two uses share one.
"""

import base64
import hashlib
import hmac
import os
import unicodedata
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
#: First byte of each sealed value; a later way to encrypt gets another one.
SCHEME = b"\x01"
UK_CALLING_CODE = "44"

Indexed = Literal["email", "phone"]


class Unreadable(Exception):
    """A sealed value that was not sealed with this key, for this customer and field, or was altered."""


class Vault:
    """Seals and opens the sensitive fields of customers.

    Args:
        data_key: 32 random bytes (`RAPPORT_DATA_KEY`).
    """

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(_derive(data_key, b"rapport profiles fields"))
        self._index_key = _derive(data_key, b"rapport profiles index")
        self._pseudonym_key = _derive(data_key, b"rapport profiles pseudonym")

    def seal(self, customer_id: str, field: str, value: str) -> bytes:
        """Encrypt with AES-256-GCM. The result opens for the same customer and field only."""
        nonce = os.urandom(NONCE_BYTES)
        return SCHEME + nonce + self._cipher.encrypt(nonce, value.encode(), _context(customer_id, field))

    def open(self, customer_id: str, field: str, sealed: bytes) -> str:
        """Decrypt.

        Raises:
            Unreadable: wrong key, customer or field, or an altered value.
        """
        scheme, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if scheme != SCHEME:
            raise Unreadable(f"{field}: unknown scheme")
        try:
            return self._cipher.decrypt(nonce, rest, _context(customer_id, field)).decode()
        except InvalidTag:
            raise Unreadable(f"{field}: does not open with this key") from None

    def blind_index(self, field: Indexed, value: str) -> bytes:
        """What equal e-mail addresses or phone numbers share, and nobody without the key can compute."""
        message = f"{field}\x00{normalise(field, value)}"
        return hmac.new(self._index_key, message.encode(), hashlib.sha256).digest()

    def pseudonym(self, customer_id: str) -> str:
        """The customer's name in the audit log."""
        digest = hmac.new(self._pseudonym_key, customer_id.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:15]).decode().lower()


def normalise(field: Indexed, value: str) -> str:
    """One spelling for the same address or number: case and spaces do not matter, nor how a UK number begins."""
    value = unicodedata.normalize("NFKC", value).strip()
    if field == "email":
        return value.casefold()
    digits = "".join(character for character in value.replace("(0)", "") if character.isdigit())
    if value.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    return UK_CALLING_CODE + digits[1:] if digits.startswith("0") else digits


def _context(customer_id: str, field: str) -> bytes:
    return f"{customer_id}\x00{field}".encode()


def _derive(data_key: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=use).derive(data_key)
