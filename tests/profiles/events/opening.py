"""What rests in the stream, opened."""

from collections.abc import Mapping
from typing import Any

from redis import Redis

from profiles.crypto import Vault
from profiles.events.envelope import Event, parse
from profiles.events.sealed_entries import open_entry
from profiles.events.stream import EVENTS
from profiles.security.keyring import DatabaseKeys, KeyRing
from tests.profiles.conftest import DATA_KEY


def vault_of_processes(database_url: str) -> Vault:
    """With the keys that processes over this database seal with."""
    return Vault(DATA_KEY, KeyRing(DatabaseKeys(database_url, DATA_KEY, "fields")))


def events_in(vault: Vault, fields: Mapping[bytes, bytes]) -> list[Event]:
    """The events of one entry."""
    return parse(open_entry(vault, fields[b"__data__"]))


def entries(vault: Vault, redis: Redis) -> list[list[Event]]:
    """What was accepted, a list for each request."""
    rows: Any = redis.xrange(EVENTS)
    return [events_in(vault, fields) for _, fields in rows]
