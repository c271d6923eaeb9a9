"""A migrated database, emptied before each test, and the service over it."""

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ops.postgres import Postgres
from profiles import database
from profiles.api import create_app
from profiles.cache import ViewCache
from profiles.crypto import Vault
from profiles.events.stream import RedisEventStream
from profiles.keys import parse_keys, replace_keys
from profiles.records import CustomerRecord
from profiles.redis_connection import connect
from profiles.security.keyring import DatabaseKeys, KeyRing
from profiles.security.tokens import Tokens
from profiles.segments import load
from profiles.settings import SEGMENTS_FILE
from profiles.store import Store
from tests.profiles.emptying import empty

DATA_KEY = b"k" * 32
KEYS = {"read": "reading-key", "write": "writing-key", "agent": "agents-key"}
KEYS_SETTING = ",".join(f"{role}er:{role}:{key}" for role, key in KEYS.items())


@pytest.fixture(scope="session")
def migrated_url(postgres: Postgres) -> str:
    """One database for the room's tests: migrating takes longer than emptying."""
    postgres.create_database("profiles_tests")
    url = postgres.url_of("profiles_tests")
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        capture_output=True,
    )
    return url


@pytest.fixture
def customers_url(migrated_url: str) -> str:
    """The migrated database without any rows."""
    empty(migrated_url, "profiles")
    return migrated_url


@pytest.fixture
async def store(customers_url: str, redis_url: str) -> AsyncIterator[Store]:
    cache = ViewCache(connect(redis_url))
    store = Store(database.connect(customers_url, 10), cache, Vault(DATA_KEY), load(SEGMENTS_FILE))
    await replace_keys(store.engine, parse_keys(KEYS_SETTING))
    yield store
    await cache.close()
    await store.engine.dispose()


@pytest.fixture
async def api(store: Store, customers_url: str, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The app, called without a server; send `headers=key("read")`."""
    cache, events = ViewCache(connect(redis_url)), RedisEventStream(redis_url, Vault(DATA_KEY))
    transport = httpx.ASGITransport(
        create_app(store, cache, Vault(DATA_KEY), events, tokens_of(customers_url))
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://profiles") as client:
        yield client
    await events.close()
    await cache.close()


def tokens_of(url: str) -> Tokens:
    """Signs with keys of this database, once one is asked for."""
    return Tokens(KeyRing(DatabaseKeys(url, DATA_KEY, "tokens")))


@cache
def unserved_app() -> FastAPI:
    """The app as it is served; nothing of it is called."""
    nowhere = "redis://127.0.0.1:1/0"
    cached = ViewCache(connect(nowhere))
    store = Store(
        database.connect("postgresql://nobody@127.0.0.1:1/none", 1),
        cached,
        Vault(DATA_KEY),
        load(SEGMENTS_FILE),
    )
    return create_app(
        store, cached, Vault(DATA_KEY), RedisEventStream(nowhere, Vault(DATA_KEY)), tokens_of("postgresql://")
    )


def key(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[role]}"}


def days_ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def record(customer_id: str = "C000001", **changes: Any) -> CustomerRecord:
    """A loyal customer who agreed to everything but training and marketing, unless changed."""
    said = {"source": "sign-up form", "version": "2026-01", "at": days_ago(900)}
    content: dict[str, Any] = {
        "customer_id": customer_id,
        "first_name": "Maria",
        "last_name": "Okafor",
        "email": "Maria.Okafor@example.org",
        "phone": "+44 7700 900123",
        "address": {"line1": "4 Kiln Lane", "city": "Leeds", "postcode": "LS1 4XX", "country": "GB"},
        "birth_date": "1984-03-09",
        "tier": "gold",
        "signed_up_at": days_ago(900),
        "preferred_channel": "chat",
        "consents": [
            {"purpose": purpose, "granted": granted, **said}
            for purpose, granted in {
                "service": True,
                "personalisation": True,
                "analytics": True,
                "training": False,
                "marketing": False,
            }.items()
        ],
        "facts": {
            "orders_total": 31,
            "orders_90d": 6,
            "spend_total": 3120.5,
            "last_order_at": days_ago(4),
            "last_login_at": days_ago(1),
            "logins_30d": 12,
            "product_views_7d": 9,
            "engagement": 82.0,
            "discount_share": 0.1,
            "tickets_90d": 1,
            "tickets_open": 0,
        },
        "interactions": [
            {
                "interaction_id": f"{customer_id}-1",
                "channel": "chat",
                "occurred_at": days_ago(6),
                "issue": "billing",
                "outcome": "open",
                "summary": {"subject": "charged twice"},
            }
        ],
    }
    return CustomerRecord.model_validate({**content, **changes})


#: Where processes that tests start keep what they keep.
STATE = tempfile.TemporaryDirectory(prefix="rapport-profiles-")


def environment(customers_url: str, redis_url: str, **more: str) -> dict[str, str]:
    """What `python -m profiles` needs."""
    return {
        **os.environ,
        "DATABASE_URL": customers_url,
        "REDIS_URL": redis_url,
        "RAPPORT_DATA_KEY": base64.b64encode(DATA_KEY).decode(),
        "RAPPORT_PROFILES_KEYS": KEYS_SETTING,
        "RAPPORT_STATE": STATE.name,
        **more,
    }
