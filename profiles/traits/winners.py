"""Which of the values that sources sent counts. A function of the set of them and of the schema, nothing else."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from profiles.crypto import Vault
from profiles.traits.declared import Attribute, Schema


@dataclass(frozen=True)
class Said:
    """One row of `profiles.traits`."""

    customer_id: str
    name: str
    source: str
    at: datetime
    message_id: str
    value: Any
    sealed: bytes | None
    sealed_for: str | None
    blind_index: bytes | None
    expires_at: datetime | None
    licence: str | None

    @property
    def taken_back(self) -> bool:
        return self.value is None and self.sealed is None


def until(attribute: Attribute, said: Said) -> datetime | None:
    """When a value ceases to count: by its own expiry or the attribute's retention, whichever is first."""
    ends = [said.expires_at] if said.expires_at is not None else []
    if attribute.retention_days is not None:
        ends.append(said.at + timedelta(days=attribute.retention_days))
    return min(ends, default=None)


def newest(rows: Iterable[Said]) -> dict[str, Said]:
    """What each source said last; of one moment the greatest message id."""
    last: dict[str, Said] = {}
    for said in rows:
        known = last.get(said.source)
        if known is None or (known.at, known.message_id) < (said.at, said.message_id):
            last[said.source] = said
    return last


def winner(schema: Schema, attribute: Attribute, rows: Iterable[Said], now: datetime) -> Said | None:
    """The value of an attribute that counts at `now` among those that were sent; None when there is none.

    What has expired, or comes from who may not say it, is as if it had not been said. Within a source the newest stands; a source that took its
    word back has none. Between sources the matrix decides.
    """

    def order(said: Said) -> tuple[float, datetime, str]:
        return schema.matrix.score(said.source, said.name, said.at), said.at, said.source

    valid = [
        said
        for said in rows
        if attribute.may_come_from(said.source) and ((end := until(attribute, said)) is None or end > now)
    ]
    standing = [said for said in newest(valid).values() if not said.taken_back]
    if len(standing) < 2:
        return standing[0] if standing else None
    return max(standing, key=order)


def as_text(value: Any) -> str:
    """What is sealed of a value: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def opened(vault: Vault, attribute: Attribute, said: Said) -> Any:
    """The value of a row, also of one that is sealed.

    Raises:
        crypto.Unreadable: it was not sealed with this key.
    """
    if said.sealed is None or said.sealed_for is None:
        return said.value
    text = vault.open(said.sealed_for, said.name, said.sealed)
    return text if attribute.type in {"text", "day", "moment"} else json.loads(text)
