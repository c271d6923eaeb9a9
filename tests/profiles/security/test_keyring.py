"""Keys are made once, wrapped, shared by all processes, and never leave in the clear."""

import threading

import psycopg
import pytest

from profiles.security import keyring
from profiles.security.keyring import DatabaseKeys, Key, KeyRing, UnusableDataKey
from tests.profiles.conftest import DATA_KEY


def test_processes_that_start_at_once_share_the_first_key(customers_url: str) -> None:
    rings = [KeyRing(DatabaseKeys(customers_url, DATA_KEY, "fields")) for _ in range(4)]
    threads = [threading.Thread(target=ring.newest) for ring in rings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({ring.newest().secret for ring in rings}) == 1


def test_a_new_key_is_found_by_its_number_and_the_older_stays(customers_url: str) -> None:
    here, there = (KeyRing(DatabaseKeys(customers_url, DATA_KEY, "fields")) for _ in range(2))
    first = there.newest()
    second = here.add()
    there._read_at -= keyring.SEARCH_SECONDS
    assert there.find(second.key_id) == second == here.newest()
    assert there.find(first.key_id) == here.find(first.key_id) == first


def test_an_idle_process_looks_for_a_newer_key_before_it_seals(
    customers_url: str,
) -> None:
    here, there = (KeyRing(DatabaseKeys(customers_url, DATA_KEY, "fields")) for _ in range(2))
    there.newest()
    second = here.add()
    assert there.newest() != second
    there._read_at -= keyring.SWITCH_SECONDS
    assert there.newest() == second


def test_unknown_key_ids_do_not_ask_a_database_that_is_away_again_and_again() -> None:
    class Away:
        asked = 0

        def read(self) -> dict[int, Key]:
            self.asked += 1
            raise psycopg.OperationalError

        def add(self) -> Key:
            raise psycopg.OperationalError

    keys = Away()
    ring = KeyRing(keys)
    with pytest.raises(psycopg.OperationalError):
        ring.find(7)
    assert [ring.find(7) for _ in range(5)] == [None] * 5
    assert keys.asked == 1


def test_keys_of_different_uses_are_apart(customers_url: str) -> None:
    fields = KeyRing(DatabaseKeys(customers_url, DATA_KEY, "fields"))
    tokens = KeyRing(DatabaseKeys(customers_url, DATA_KEY, "tokens"))
    assert fields.newest().secret != tokens.newest().secret
    assert fields.find(tokens.newest().key_id) is None


def test_a_key_does_not_rest_in_the_clear_nor_print(customers_url: str, ring: KeyRing) -> None:
    key = ring.newest()
    with psycopg.connect(customers_url) as connection:
        (wrapped,) = connection.execute("SELECT wrapped FROM profiles.data_keys").fetchone() or ("",)
    assert key.secret not in wrapped
    assert repr(key) == f"Key({key.key_id})"


def test_another_data_key_opens_no_key(customers_url: str, ring: KeyRing) -> None:
    ring.newest()
    with pytest.raises(UnusableDataKey, match="not wrapped with this RAPPORT_DATA_KEY"):
        KeyRing(DatabaseKeys(customers_url, b"o" * 32, "fields")).newest()


def test_a_wrapped_key_moved_to_another_number_does_not_open(customers_url: str, ring: KeyRing) -> None:
    ring.newest()
    ring.add()
    with psycopg.connect(customers_url) as connection:
        connection.execute(
            "UPDATE profiles.data_keys SET wrapped = (SELECT max(wrapped) FROM profiles.data_keys)"
        )
    with pytest.raises(UnusableDataKey):
        ring.read()
