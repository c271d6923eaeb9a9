"""Sensitive fields at rest: encrypted, searchable only through a keyed index, pseudonyms for the audit log.

HKDF makes an own key for each use of `RAPPORT_DATA_KEY`, so that no two uses share one. Fields are sealed with keys
that it wraps (`security.keyring`), so that they can be changed, and it too. Index and pseudonyms hang on the first
one that there was, and stay.
"""

import base64
import hashlib
import hmac
import os
import unicodedata
from functools import cached_property
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from profiles.security.keyring import Key, KeyRing

KEY_BYTES = 32
NONCE_BYTES = 12
#: First byte of each sealed value. Of the first kind are values that `RAPPORT_DATA_KEY` itself has sealed.
DIRECT = b"\x01"
#: Then the number of the key, in 4 bytes.
WITH_KEY = b"\x02"
HEADER_BYTES = 5
UK_CALLING_CODE = "44"

Indexed = Literal["email", "phone"]


class Unreadable(Exception):
    """A sealed value that was not sealed with this key, for this customer and field, or was altered."""


class Vault:
    """Seals and opens the sensitive fields of customers.

    Args:
        data_key: 32 random bytes (`RAPPORT_DATA_KEY`).
        ring: the keys that fields are sealed with; without it the data key itself seals them.
        root: holds the first data key that there was, on which index and pseudonyms hang; without it, this one.
    """

    def __init__(self, data_key: bytes, ring: KeyRing | None = None, root: KeyRing | None = None) -> None:
        self._data_key = data_key
        self._ring = ring
        self._root = root
        self._ciphers: dict[int, AESGCM] = {}

    def prepare(self) -> None:
        """Read the keys now, which blocks for some milliseconds, rather than when the first is needed.

        Raises:
            UnusableDataKey
            psycopg.Error
        """
        _ = self._index_key
        if self._ring is not None:
            self._ring.newest()

    @cached_property
    def _root_key(self) -> bytes:
        return self._root.newest().secret if self._root is not None else self._data_key

    @cached_property
    def _direct(self) -> AESGCM:
        return AESGCM(_derive(self._root_key, b"rapport profiles fields"))

    @cached_property
    def _index_key(self) -> bytes:
        return _derive(self._root_key, b"rapport profiles index")

    @cached_property
    def _pseudonym_key(self) -> bytes:
        return _derive(self._root_key, b"rapport profiles pseudonym")

    def seal(self, customer_id: str, field: str, value: str) -> bytes:
        """Encrypt with AES-256-GCM. The result opens for the same customer and field only."""
        return self.seal_bytes(customer_id, field, value.encode())

    def seal_bytes(self, customer_id: str, field: str, value: bytes) -> bytes:
        """As `seal`."""
        nonce = os.urandom(NONCE_BYTES)
        if self._ring is None:
            context = _context(customer_id, field)
            return DIRECT + nonce + self._direct.encrypt(nonce, value, context)
        header = header_of(key := self._ring.newest())
        context = header + _context(customer_id, field)
        return header + nonce + self._cipher(key).encrypt(nonce, value, context)

    def open(self, customer_id: str, field: str, sealed: bytes) -> str:
        """Decrypt.

        Raises:
            Unreadable: wrong key, customer or field, or an altered value.
        """
        return self.open_bytes(customer_id, field, sealed).decode()

    def open_bytes(self, customer_id: str, field: str, sealed: bytes) -> bytes:
        """As `open`."""
        header = sealed[:HEADER_BYTES] if sealed[:1] == WITH_KEY else sealed[:1]
        context = _context(customer_id, field)
        if header == DIRECT:
            cipher = self._direct
        elif len(header) == HEADER_BYTES:
            key = self._ring.find(int.from_bytes(header[1:])) if self._ring else None
            if key is None:
                raise Unreadable(f"{field}: sealed with a key that is not known")
            cipher, context = self._cipher(key), header + context
        else:
            raise Unreadable(f"{field}: unknown scheme")
        nonce, rest = sealed[len(header) :][:NONCE_BYTES], sealed[len(header) + NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, rest, context)
        except (InvalidTag, ValueError):
            raise Unreadable(f"{field}: does not open with this key") from None

    def _cipher(self, key: Key) -> AESGCM:
        if key.key_id not in self._ciphers:
            self._ciphers[key.key_id] = AESGCM(_derive(key.secret, b"rapport profiles fields"))
        return self._ciphers[key.key_id]

    def blind_index(self, field: Indexed, value: str) -> bytes:
        """What equal e-mail addresses or phone numbers share, and nobody without the key can compute."""
        message = f"{field}\x00{normalise(field, value)}"
        return hmac.new(self._index_key, message.encode(), hashlib.sha256).digest()

    def pseudonym(self, customer_id: str) -> str:
        """The customer's name in the audit log."""
        digest = hmac.new(self._pseudonym_key, customer_id.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:15]).decode().lower()


def header_of(key: Key) -> bytes:
    """How values begin that this key has sealed."""
    return WITH_KEY + key.key_id.to_bytes(HEADER_BYTES - 1)


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
