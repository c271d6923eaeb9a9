"""A migrated database, filled with the personas and a few others before each test, and the order API over it."""

import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import psycopg
import pytest

from demo.generator import generate
from demo.records import World
from demo.seed import tables
from demo.settings import ShopSettings
from demo.shop import create_app
from ops.postgres import Postgres

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
DATA_KEY = b"k" * 32
SHOP_KEY = "shop-test-key"


@pytest.fixture(scope="session")
def migrated_url(postgres: Postgres) -> str:
    """One database for the room's tests: migrating takes longer than filling."""
    postgres.create_database("demo_tests")
    url = postgres.url_of("demo_tests")
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "0006"],
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        capture_output=True,
    )
    return url


@pytest.fixture(scope="session")
def small_world() -> World:
    return generate(30, TODAY)


@pytest.fixture(scope="session")
def world() -> World:
    """Large enough for means to be told apart."""
    return generate(1_200, TODAY)


@pytest.fixture
def shop_url(migrated_url: str, small_world: World) -> str:
    with psycopg.connect(migrated_url) as connection:
        tables.fill(connection, small_world, DATA_KEY, lambda _table: None)
        connection.execute("INSERT INTO shop.seeds (content, as_of) VALUES ('test', %s)", (TODAY,))
    return migrated_url


@pytest.fixture
async def shop(shop_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The order API at half past eleven of the day of seeding, called with its key."""
    transport = httpx.ASGITransport(create_app(shop_settings(shop_url), clock=lambda: NOW))
    headers = {"Authorization": f"Bearer {SHOP_KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client:
        yield client


def shop_settings(url: str) -> ShopSettings:
    values: dict[str, Any] = {
        "DATABASE_URL": url,
        "data_key": base64.b64encode(DATA_KEY).decode(),
        "shop_key": SHOP_KEY,
    }
    return ShopSettings(**values)
