"""The data key itself can be changed: all keys are wrapped anew, and nothing else has to be touched."""

import base64
import subprocess
import sys

import psycopg
import pytest

from profiles.crypto import Vault
from profiles.security.keyring import DatabaseKeys, KeyRing, UnusableDataKey, Use
from tests.profiles.conftest import DATA_KEY, environment

NEW_KEY = b"n" * 32


def ring(url: str, data_key: bytes, use: Use) -> KeyRing:
    return KeyRing(DatabaseKeys(url, data_key, use))


def vault(url: str, data_key: bytes) -> Vault:
    return Vault(data_key, ring(url, data_key, "fields"), ring(url, data_key, "root"))


def test_what_was_sealed_found_and_named_before_is_so_afterwards(customers_url: str) -> None:
    before = vault(customers_url, DATA_KEY)
    before.prepare()
    direct = Vault(DATA_KEY).seal("C1", "email", "from before there were keys")
    sealed = before.seal("C1", "email", "m@example.org")
    signing = ring(customers_url, DATA_KEY, "tokens").newest()

    assert DatabaseKeys(customers_url, DATA_KEY, "root").wrap_all_with(NEW_KEY) == 3

    after = vault(customers_url, NEW_KEY)
    assert after.open("C1", "email", direct) == "from before there were keys"
    assert after.open("C1", "email", sealed) == "m@example.org"
    assert after.blind_index("email", "m@example.org") == before.blind_index("email", "m@example.org")
    assert after.pseudonym("C1") == before.pseudonym("C1")
    assert ring(customers_url, NEW_KEY, "tokens").newest() == signing
    with pytest.raises(UnusableDataKey):
        vault(customers_url, DATA_KEY).prepare()


def test_a_process_that_runs_goes_on_with_the_keys_it_knows(customers_url: str) -> None:
    running = ring(customers_url, DATA_KEY, "fields")
    key = running.newest()
    DatabaseKeys(customers_url, DATA_KEY, "root").wrap_all_with(NEW_KEY)
    running._read_at = 0.0
    assert running.newest() == key


def test_a_wrong_data_key_makes_no_other_root(customers_url: str) -> None:
    ring(customers_url, DATA_KEY, "fields").newest()
    with pytest.raises(UnusableDataKey):
        ring(customers_url, NEW_KEY, "root").newest()
    with psycopg.connect(customers_url) as connection:
        assert connection.execute("SELECT use FROM profiles.data_keys").fetchall() == [("fields",)]


def test_the_command_wraps_and_the_old_key_is_refused_at_once(customers_url: str, redis_url: str) -> None:
    def profiles(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "profiles", *arguments],
            env=environment(customers_url, redis_url, **more),
            capture_output=True,
            text=True,
            check=False,
        )

    new = base64.b64encode(NEW_KEY).decode()
    assert "RAPPORT_NEW_DATA_KEY" in profiles("keys", "rewrap", RAPPORT_NEW_DATA_KEY="short").stderr
    wrapped = profiles("keys", "rewrap", RAPPORT_NEW_DATA_KEY=new)
    assert wrapped.stdout.startswith("1 keys are wrapped"), wrapped.stderr
    refused = profiles("segments")
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)
    assert "was not wrapped with this RAPPORT_DATA_KEY" in refused.stderr
    assert profiles("segments", RAPPORT_DATA_KEY=new).returncode == 0
