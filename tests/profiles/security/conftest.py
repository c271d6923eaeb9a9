"""Keys that rest in memory or in the database of the tests."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from profiles.security.keyring import DatabaseKeys, Key, KeyRing
from tests.profiles.conftest import DATA_KEY


class KeysInMemory:
    """Keys that a test makes."""

    def __init__(self) -> None:
        self.keys: dict[int, Key] = {}
        self.add()

    def read(self) -> Mapping[int, Key]:
        return dict(self.keys)

    def add(self) -> Key:
        number = len(self.keys) + 1
        self.keys[number] = Key(number, bytes([number]) * 32, datetime.now(UTC))
        return self.keys[number]


@pytest.fixture
def ring(customers_url: str) -> KeyRing:
    return KeyRing(DatabaseKeys(customers_url, DATA_KEY, "fields"))
