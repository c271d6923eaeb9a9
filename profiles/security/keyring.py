"""The keys that `RAPPORT_DATA_KEY` wraps: made here, kept in the database, each with its number.

The one key outside the database opens the others, so that these can be changed as often as one likes.
"""

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg.rows import class_row

from common.logs import get_logger

log = get_logger(__name__)

Use = Literal["fields", "tokens", "root"]

KEY_BYTES = 32
NONCE_BYTES = 12
#: Any constant: two processes that find no key make one key.
MAKING_LOCK = 7_426_009
CONNECT_SECONDS = 2
#: How old a process's knowledge of the keys may be before it looks for newer ones.
REFRESH_SECONDS = 15.0
#: So long after a rotation the last process has begun to use the new key.
SWITCH_SECONDS = 2 * REFRESH_SECONDS
#: A key id that nobody knows is looked for so often at most.
SEARCH_SECONDS = 1.0


class UnusableDataKey(Exception):
    """`RAPPORT_DATA_KEY` is not the one that a key was wrapped with."""


@dataclass(frozen=True)
class Key:
    """A key in the clear; never in a log."""

    key_id: int
    secret: bytes
    created_at: datetime

    def __repr__(self) -> str:
        return f"Key({self.key_id})"


@dataclass(frozen=True)
class _Row:
    key_id: int
    use: str
    wrapped: bytes
    created_at: datetime


class Keys(Protocol):
    """Where keys of one use are kept."""

    def read(self) -> Mapping[int, Key]:
        """All keys, at least one."""

    def add(self) -> Key:
        """Make a new key, the newest from now on."""


class DatabaseKeys:
    """Keys in `profiles.data_keys`. Its calls block for a few milliseconds; `KeyRing` makes few of them.

    Args:
        database_url: as in `DATABASE_URL`.
        data_key: what wraps them.
        use: which keys.
    """

    def __init__(self, database_url: str, data_key: bytes, use: Use) -> None:
        self._url = "postgresql://" + database_url.partition("://")[2]
        wrapping = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"rapport profiles wrapping")
        self._wrap = AESGCM(wrapping.derive(data_key))
        self._data_key = data_key
        self._use = use

    def read(self) -> Mapping[int, Key]:
        """All keys; the first one is made here. The root is the data key as it is then.

        Raises:
            UnusableDataKey
            psycopg.Error
        """
        with self._connect() as connection:
            keys = self._all(connection)
            if not keys:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING_LOCK])
                keys = self._all(connection)
            if not keys and self._use == "root":
                # With another data key than that of the other keys this would be another root.
                for key_id, use, wrapped in self._every(connection):
                    self._unwrap(key_id, use, wrapped)
                key = self._make(connection, self._data_key)
                keys = {key.key_id: key}
            elif not keys:
                key = self._make(connection, os.urandom(KEY_BYTES))
                keys = {key.key_id: key}
        return keys

    def add(self) -> Key:
        """Make a new key.

        Raises:
            psycopg.Error
        """
        with self._connect() as connection:
            return self._make(connection, os.urandom(KEY_BYTES))

    def wrap_all_with(self, new_data_key: bytes) -> int:
        """Wrap the keys of every use with another data key, all or none; gives how many.

        Raises:
            UnusableDataKey
            psycopg.Error
        """
        new = DatabaseKeys(self._url, new_data_key, self._use)
        with self._connect() as connection:
            connection.execute("LOCK TABLE profiles.data_keys IN EXCLUSIVE MODE")
            rows = self._every(connection)
            for key_id, use, wrapped in rows:
                new._put(connection, key_id, use, self._unwrap(key_id, use, wrapped))
        return len(rows)

    def _connect(self) -> "psycopg.Connection[_Row]":
        return psycopg.connect(self._url, connect_timeout=CONNECT_SECONDS, row_factory=class_row(_Row))

    def _all(self, connection: "psycopg.Connection[_Row]") -> dict[int, Key]:
        query = "SELECT key_id, use, wrapped, created_at FROM profiles.data_keys WHERE use = %s"
        rows = connection.execute(query, [self._use])
        return {
            row.key_id: Key(row.key_id, self._unwrap(row.key_id, row.use, row.wrapped), row.created_at)
            for row in rows
        }

    def _every(self, connection: "psycopg.Connection[_Row]") -> list[tuple[int, str, bytes]]:
        rows = connection.execute("SELECT key_id, use, wrapped, created_at FROM profiles.data_keys")
        return [(row.key_id, row.use, row.wrapped) for row in rows]

    def _make(self, connection: "psycopg.Connection[_Row]", secret: bytes) -> Key:
        (row,) = connection.execute(
            "INSERT INTO profiles.data_keys (use, wrapped) VALUES (%s, '') "
            "RETURNING key_id, use, wrapped, created_at",
            [self._use],
        )
        self._put(connection, row.key_id, self._use, secret)
        return Key(row.key_id, secret, row.created_at)

    def _put(self, connection: "psycopg.Connection[_Row]", key_id: int, use: str, secret: bytes) -> None:
        nonce = os.urandom(NONCE_BYTES)
        wrapped = nonce + self._wrap.encrypt(nonce, secret, _context(key_id, use))
        connection.execute("UPDATE profiles.data_keys SET wrapped = %s WHERE key_id = %s", [wrapped, key_id])

    def _unwrap(self, key_id: int, use: str, wrapped: bytes) -> bytes:
        try:
            return self._wrap.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _context(key_id, use))
        except InvalidTag:
            raise UnusableDataKey(
                f"key {key_id} of the database was not wrapped with this RAPPORT_DATA_KEY"
            ) from None


def _context(key_id: int, use: str) -> bytes:
    return f"{use}\x00{key_id}".encode()


class KeyRing:
    """The keys of one use as this process knows them.

    They are read when the first one is needed, when a value names an unknown one, and when the ring was not used
    for `SWITCH_SECONDS`, which blocks for a few milliseconds; otherwise by a thread beside.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: Mapping[int, Key] = {}
        self._read_at = float("-inf")
        self._reading = threading.Lock()

    def newest(self) -> Key:
        """The key for what is sealed or signed now.

        Raises:
            UnusableDataKey
            psycopg.Error
        """
        age = time.monotonic() - self._read_at
        if not self._known:
            self.read()
        elif age > SWITCH_SECONDS:
            self._refresh()
        elif age > REFRESH_SECONDS:
            self._read_at = time.monotonic()
            threading.Thread(target=self._refresh, daemon=True).start()
        return self._known[max(self._known)]

    def find(self, key_id: int) -> Key | None:
        """The key of this number, if there is one."""
        if key_id not in self._known and time.monotonic() - self._read_at > SEARCH_SECONDS:
            self.read()
        return self._known.get(key_id)

    def known(self) -> list[Key]:
        """All keys, the newest last."""
        self.newest()
        return [self._known[key_id] for key_id in sorted(self._known)]

    def read(self) -> None:
        """Read the keys now."""
        with self._reading:
            try:
                self._known = self._keys.read()
            finally:  # also when it failed, or each unknown key id would ask a database that is away
                self._read_at = time.monotonic()

    def add(self) -> Key:
        """Make a key that is the newest from now on: here at once, elsewhere within `REFRESH_SECONDS`."""
        key = self._keys.add()
        self.read()
        return key

    def _refresh(self) -> None:
        try:
            self.read()
        except (psycopg.Error, UnusableDataKey) as error:
            log.warning("keys not read again; the known ones stay in use", error=type(error).__name__)
