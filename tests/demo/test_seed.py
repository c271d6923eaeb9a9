"""Seeding: into both the shop and the profile service, once, again only when asked."""

import base64
import os
import subprocess
import sys
from datetime import date, timedelta

import psycopg
import pytest

from demo.seed import content, seed
from demo.settings import SeedSettings

from .conftest import DATA_KEY, TODAY

CUSTOMERS = 25


@pytest.fixture
def environment(database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("RAPPORT_DATA_KEY", base64.b64encode(DATA_KEY).decode())
    return database_url


@pytest.fixture
def migrated(environment: str) -> str:
    subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], check=True, capture_output=True)
    return environment


def run(as_of: date = TODAY, fresh: bool = False, number: int = 5) -> bool:
    return seed(SeedSettings(), CUSTOMERS, number, as_of, fresh)


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
    assert row is not None
    return int(row[0])


def first_order_day(url: str) -> date:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT placed_at FROM shop.orders WHERE order_id = 'RP-100101'").fetchone()
    assert row is not None
    return date.fromisoformat(str(row[0])[:10])


def test_seeding_fills_shop_and_profiles_once(migrated: str) -> None:
    assert run() is True
    assert count(migrated, "profiles.customers") == CUSTOMERS
    assert count(migrated, "shop.customers") == CUSTOMERS
    assert count(migrated, "shop.truth") == CUSTOMERS
    assert count(migrated, "shop.events") > 0
    with psycopg.connect(migrated) as connection:
        connection.execute("UPDATE shop.orders SET status = 'cancelled' WHERE order_id = 'RP-100101'")
    assert run(TODAY + timedelta(days=3)) is False
    with psycopg.connect(migrated) as connection:
        kept = connection.execute("SELECT status FROM shop.orders WHERE order_id = 'RP-100101'").fetchone()
    assert kept == ("cancelled",)
    assert run(TODAY + timedelta(days=3), fresh=True) is True
    assert first_order_day(migrated) == TODAY + timedelta(days=2)
    assert count(migrated, "profiles.customers") == CUSTOMERS


def test_interrupted_seeding_leaves_nothing_and_is_done_again(
    migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setenv("REDIS_URL", "not a url")
        with pytest.raises(SystemExit, match="profile service"):
            run()
    assert count(migrated, "shop.orders") == 0
    assert count(migrated, "shop.seeds") == 0
    assert run() is True


def test_other_content_is_other_content() -> None:
    assert content.fingerprint(5, 100) == content.fingerprint(5, 100)
    assert len({content.fingerprint(5, 100), content.fingerprint(6, 100), content.fingerprint(5, 101)}) == 3


def test_without_tables_it_says_what_to_do(environment: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "demo", "seed", "--customers", "8"],
        env={**os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "alembic upgrade head" in done.stderr
    assert "Traceback" not in done.stderr
