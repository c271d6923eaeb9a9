"""Opens what rests sealed, for the person whose it is."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from profiles.crypto import KEY_BYTES, Unreadable, Vault
from profiles.events.sealing import joined
from profiles.rights.stores import Seal, TableStore
from profiles.security.sealed import FieldColumn, SealedTable, load_sealed

Row = Mapping[str, Any]
#: Said instead of a value that does not open.
CLOSED = "(sealed; does not open with this key)"


class Opener:
    """Opens rows of one declared table.

    Args:
        seal: how the table's room seals, when it is another one.
    """

    def __init__(self, store: TableStore, vault: Vault, data_key: bytes, seal: Seal | None) -> None:
        self._store = store
        self._vault = vault
        schema, name = store.table.split(".")
        self._is_events = store.opened and name == "events"
        own = [one for one in load_sealed() if schema == "profiles" and one.table == name]
        self._own: SealedTable | None = own[0] if own and store.opened and not self._is_events else None
        self._seal = seal
        if seal is not None:
            derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=seal.key_from.encode())
            self._cipher = AESGCM(derive.derive(data_key))

    def opened(self, row: Row) -> dict[str, Any]:
        """The row with all values in the open that were sealed."""
        found = dict(row)
        for column in self._store.sealed:
            if row[column] is not None:
                found[column] = _or_closed(lambda column=column: self.content(row, column))  # type: ignore[misc]
        if self._own is not None:
            for column, field in self._own.fields.items():
                if row[column] is not None:
                    name = row[field.column] if isinstance(field, FieldColumn) else field
                    owner = row[self._own.customer]
                    found[column] = _or_closed(
                        lambda owner=owner, name=name, sealed=row[column]: _json(  # type: ignore[misc]
                            self._vault.open(owner, name, bytes(sealed))
                        )
                    )
        if self._is_events:
            found["document"] = _or_closed(
                lambda: joined(self._vault, row["message_id"], row["document"], row["sealed"])
            )
        return found

    def content(self, row: Row, column: str) -> Any:
        """What a column holds that another room has sealed.

        Raises:
            Unreadable
        """
        if self._seal is None:
            raise Unreadable(f"{self._store.title}: how {column} is sealed is not declared")
        place, sealed = self._store.sealed[column].format_map(row), bytes(row[column])
        nonce, rest = sealed[: self._seal.nonce_bytes], sealed[self._seal.nonce_bytes :]
        try:
            return json.loads(self._cipher.decrypt(nonce, rest, place.encode()))
        except (InvalidTag, ValueError):
            raise Unreadable(f"{self._store.title}: {column} does not open with this key") from None


def _or_closed(open_: Callable[[], Any]) -> Any:
    try:
        return open_()
    except Unreadable:
        return CLOSED


def _json(content: str) -> Any:
    """Some fields are text, others JSON."""
    try:
        return json.loads(content)
    except ValueError:
        return content
