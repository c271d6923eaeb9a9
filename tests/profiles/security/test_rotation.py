"""A rotation seals everything anew, bears being interrupted, and leaves index and contents as they were."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
import yaml

from profiles.crypto import Vault, header_of
from profiles.identity.merge import Two, merge
from profiles.identity.unmerge import unmerge
from profiles.people import details, find
from profiles.security import reseal as resealing
from profiles.security.keyring import DatabaseKeys, KeyRing
from profiles.security.reseal import reseal
from profiles.security.sealed import SEALED_FILE, SealedColumns, count_by_key, load_sealed
from profiles.store import Store
from tests.profiles.conftest import DATA_KEY, environment, record

FIELDS = 5
#: Other parts have sealed values of these people too.
CUSTOMERS = [table for table in load_sealed() if table.table == "customers"]


@pytest.fixture
def connection(customers_url: str) -> Iterator["psycopg.Connection[tuple[int, int]]"]:
    with psycopg.connect(customers_url) as connection:
        yield connection


async def people(store: Store, count: int) -> None:
    await store.write([record(f"C{number:06d}", email=f"c{number}@example.org") for number in range(count)])


async def test_everything_is_sealed_anew_and_reads_as_before(
    store: Store,
    ring: KeyRing,
    connection: "psycopg.Connection[tuple[int, int]]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 3)
    await people(store, 7)
    vault = Vault(DATA_KEY, ring)
    before = await details(store.engine, vault, "C000003")
    ring.add()
    heard: list[int] = []
    done = reseal(connection, vault, ring, CUSTOMERS, heard.append)
    assert (done.rows, done.unreadable, heard) == (7, {}, [3, 6, 7])
    assert count_by_key(connection, CUSTOMERS) == {ring.newest().key_id: 7 * FIELDS}
    assert await details(store.engine, vault, "C000003") == before
    assert await find(store.engine, vault, "email", "C3@example.org") == ["C000003"]


async def test_what_a_merge_has_taken_is_sealed_anew_too_and_can_be_put_back_without_the_old_key(
    store: Store,
    ring: KeyRing,
    customers_url: str,
    connection: "psycopg.Connection[tuple[int, int]]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 1)
    vault = store.vault = Vault(DATA_KEY, ring)
    await people(store, 2)
    before = [await details(store.engine, vault, one) for one in ("C000000", "C000001")]
    done = await merge(store, Two("C000000", "C000001"), {})
    old, new = ring.newest(), ring.add()
    resealed = reseal(connection, vault, ring, load_sealed(), lambda _rows: None)
    assert resealed.unreadable == {}
    assert set(count_by_key(connection, load_sealed())) == {new.key_id}
    assert reseal(connection, vault, ring, load_sealed(), lambda _rows: None).rows == 0

    connection.execute("DELETE FROM profiles.data_keys WHERE key_id = %s", [old.key_id])
    connection.commit()
    # Whoever knows no old key, as a process that is started afterwards.
    store.vault = vault = Vault(DATA_KEY, KeyRing(DatabaseKeys(customers_url, DATA_KEY, "fields")))
    await unmerge(store, done.merge_id)
    assert [await details(store.engine, vault, one) for one in ("C000000", "C000001")] == before


async def test_an_interrupted_rotation_goes_on_where_it_was(
    store: Store,
    ring: KeyRing,
    connection: "psycopg.Connection[tuple[int, int]]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    await people(store, 5)

    class Interrupted(Exception):
        pass

    def stop(rows: int) -> None:
        if rows == 4:
            raise Interrupted

    vault = Vault(DATA_KEY, ring)
    with pytest.raises(Interrupted):
        reseal(connection, vault, ring, CUSTOMERS, stop)
    assert reseal(connection, vault, ring, CUSTOMERS, lambda _rows: None).rows == 1


async def test_a_damaged_value_is_said_and_left(
    store: Store, ring: KeyRing, connection: "psycopg.Connection[tuple[int, int]]"
) -> None:
    await people(store, 2)
    connection.execute(
        "UPDATE profiles.customers SET phone = set_byte(phone, 20, 255 - get_byte(phone, 20)) "
        "WHERE customer_id = 'C000000'"
    )
    done = reseal(connection, Vault(DATA_KEY, ring), ring, CUSTOMERS, lambda _rows: None)
    assert (done.rows, done.unreadable) == (2, {"customers.phone": 1})


def test_every_column_of_bytes_is_declared(customers_url: str) -> None:
    declared = SealedColumns.model_validate(yaml.safe_load(SEALED_FILE.read_text()))
    known = {(table, column) for table, columns in declared.plain.items() for column in columns}
    known |= {(table.table, column) for table in declared.sealed for column in table.fields}
    with psycopg.connect(customers_url) as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'profiles' AND data_type = 'bytea'"
        ).fetchall()
    assert set(found) == known


async def test_the_command_lists_says_what_it_would_do_and_does_it(
    store: Store, customers_url: str, redis_url: str, connection: "psycopg.Connection[tuple[int, int]]"
) -> None:
    await people(store, 2)

    def keys(*arguments: str) -> str:
        command = [sys.executable, "-m", "profiles", "keys", *arguments]
        done = subprocess.run(
            command, env=environment(customers_url, redis_url), capture_output=True, text=True, check=True
        )
        return done.stdout

    values = count_by_key(connection, load_sealed()).total()
    connection.commit()
    assert f"RAPPORT_DATA_KEY itself: {values} values" in keys("list")
    assert "would seal the older ones anew" in keys("rotate", "--dry-run")
    # Old enough that every process uses it: nothing has to be waited for.
    connection.execute("UPDATE profiles.data_keys SET created_at = now() - interval '1 hour'")
    connection.commit()
    assert "rows are sealed with key" in keys("rotate")
    listed = keys("list")
    assert f"{values} values, newest" in listed
    assert "RAPPORT_DATA_KEY itself" not in listed
    noted = connection.execute("SELECT what FROM profiles.audit WHERE what = 'keys'").fetchall()
    assert len(noted) == 1


def test_headers_of_keys_differ(ring: KeyRing) -> None:
    first, second = ring.newest(), ring.add()
    assert header_of(first) != header_of(second)
