"""A real shop over a real database with the demo's personas, and the actions that talk to it."""

import base64
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import requests
import uvicorn
from rasa_sdk.executor import ActionExecutor

from actions.knowledge import Knowledge
from actions.profile import Profiles
from actions.retrieval.finder import Finder
from actions.server import make_executor
from actions.services import Services, connect_redis
from actions.settings import DATA, DOMAIN
from actions.shop import Shop
from actions.variants.check import DomainNames, load_set
from actions.variants.schema import VariantSet
from actions.variants.store import PublishedVariants
from demo.generator import generate
from demo.records import World
from demo.seed import tables
from demo.settings import ShopSettings
from demo.shop.app import create_app
from nlu_models.sentence_model import ensure_sentence_model
from ops.postgres import Postgres
from profiles.client import ProfilesClient, ProfileView, Purpose
from profiles.protocol import CachedView, CustomerView, view_key

DATA_KEY = b"d" * 32
SHOP_KEY = "the-shops-own-key"
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens


@pytest.fixture(scope="session")
def shop_database(postgres: Postgres) -> str:
    postgres.create_database("actions_tests")
    url = postgres.url_of("actions_tests")
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        capture_output=True,
    )
    return url


@pytest.fixture(scope="session")
def personas() -> World:
    return generate(8, datetime.now(UTC).date(), 1)


@pytest.fixture(scope="session")
def shop_url(shop_database: str) -> Iterator[str]:
    """The demo's order API in a thread of its own, on a free port."""
    settings = ShopSettings.model_validate(
        {"database_url": shop_database, "data_key": base64.b64encode(DATA_KEY).decode(), "shop_key": SHOP_KEY}
    )
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        thread.join(0.02)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    # The first call opens the database: on a busy machine that alone can use up a turn's time.
    requests.get(f"http://127.0.0.1:{port}/health", timeout=30)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def shop_world(shop_database: str, personas: World) -> Iterator[psycopg.Connection[Any]]:
    """The personas' orders as they were at the beginning."""
    with psycopg.connect(shop_database, autocommit=True) as connection:
        with connection.transaction():
            tables.fill(connection, personas, DATA_KEY, lambda _table: None)
        yield connection


class CountingProfiles(ProfilesClient):
    """The real client; keeps what it was asked for."""

    asked: list[tuple[str, str]]

    async def view(self, customer_id: str, purpose: Purpose = "service") -> ProfileView:
        self.asked.append((customer_id, purpose))
        return await super().view(customer_id, purpose)


@pytest.fixture(scope="session")
def variants() -> VariantSet:
    return load_set(DATA, DomainNames.of(DOMAIN))


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return Knowledge(DATA)


@pytest.fixture(scope="session")
def pages() -> Finder:
    """The help pages; the sentence model is exported before if it never was."""
    return Finder.load(DATA, ensure_sentence_model())


@pytest.fixture
async def services(
    shop_url: str, redis_url: str, variants: VariantSet, knowledge: Knowledge, pages: Finder
) -> AsyncIterator[Services]:
    redis = connect_redis(redis_url)
    client = CountingProfiles(NOWHERE, "key", redis_url)
    client.asked = []
    made = Services(
        profiles=client,
        shop=Shop(shop_url, SHOP_KEY),
        redis=redis,
        variants=PublishedVariants(redis, variants),
        knowledge=knowledge,
        pages=pages,
    )
    yield made
    made.shop.close()
    await client.close()
    await redis.aclose()


@pytest.fixture
def executor(services: Services) -> ActionExecutor:
    return make_executor(services, Profiles())


@pytest.fixture
def known(services: Services) -> Any:
    """Put a profile where the profile service keeps it: `await known("C000001", segment="new")`."""

    async def put(customer_id: str, consents: bool = True, **attributes: object) -> None:
        view = CustomerView(
            customer_id=customer_id,
            version=1,
            purpose="personalisation",
            consent={"service": True, "personalisation": consents},
            attributes={"first_name": "Maria", **attributes} if consents else {},
        )
        stored = CachedView(view=view, stored_at=datetime.now(UTC).timestamp()).model_dump_json()
        await services.redis.set(view_key(customer_id, "personalisation"), stored)

    return put


@pytest.fixture
def owned(services: Services) -> Any:
    """Write the owner epoch as the conversation server does: `await owned(conversation, epoch)`."""

    async def write(conversation_id: str, epoch: int = 1) -> None:
        await services.redis.set(f"conversation:{conversation_id}:epoch", epoch)

    return write
