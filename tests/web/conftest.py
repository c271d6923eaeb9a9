"""The conversation server on real PostgreSQL and Redis, between a bot and a profile service to play with."""

import contextlib
import functools
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser
from sqlalchemy import NullPool, create_engine, text

from common.settings import sqlalchemy_url
from ops.postgres import Postgres
from tests.browser import chromium, chromium_path
from tests.web.servers import BOT_KEY, PROFILES_AGENT_KEY, PROFILES_KEY, FakeBot, FakeProfiles, served
from web.chat.app import create_app
from web.chat.service import Service
from web.chat.settings import ChatSettings
from web.chat.tables import metadata

#: Fixtures of these tests that are written elsewhere.
__all__ = ["chromium_path"]

TOKEN_SECRET = "a secret of the tests, long enough to be one"
_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all tests of this folder: the browser that they share lives in it."""
    for item in items:
        if _HERE in item.path.parents and item.get_closest_marker("asyncio"):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Each client of httpx reads all certificates, a tenth of a second, though nothing here is encrypted."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ssl, "create_default_context", functools.cache(ssl.create_default_context))
        yield


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def started_browser(chromium_path: str) -> AsyncIterator[Browser]:
    """One browser for all tests: to start it takes longer than most of what is done with it."""
    async with chromium(chromium_path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def browser(started_browser: Browser) -> AsyncIterator[Browser]:
    """The same, with nobody in it: each visitor's context is their own and ends with the test."""
    yield started_browser
    for context in started_browser.contexts:
        await context.close()


@pytest.fixture(scope="session")
def chat_tables(postgres: Postgres) -> str:
    """A database with the tables of the schema `chat`, for all tests of this folder."""
    postgres.create_database("web")
    engine = create_engine(sqlalchemy_url(postgres.url_of("web")), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS chat"))
        metadata.create_all(connection)
    return postgres.url_of("web")


@pytest.fixture
def chat_database(chat_tables: str) -> str:
    """The same, emptied."""
    engine = create_engine(sqlalchemy_url(chat_tables), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE chat.conversations, chat.staff CASCADE"))
    return chat_tables


@pytest_asyncio.fixture(loop_scope="session")
async def bot() -> FakeBot:
    return FakeBot()


@pytest_asyncio.fixture(loop_scope="session")
async def bot_url(bot: FakeBot) -> AsyncIterator[str]:
    async with served(bot.app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="session")
async def profiles() -> FakeProfiles:
    return FakeProfiles()


@pytest_asyncio.fixture(loop_scope="session")
async def profiles_url(profiles: FakeProfiles) -> AsyncIterator[str]:
    async with served(profiles.app) as url:
        yield url


@dataclass
class Web:
    """A running conversation server: from outside (`http`) and from inside (`service`)."""

    url: str
    http: httpx.AsyncClient
    service: Service


Settings = Callable[..., ChatSettings]


@pytest.fixture
def settings(chat_database: str, redis_url: str, bot_url: str, profiles_url: str) -> Settings:
    """Settings with everything at hand; name what should be different."""

    def chosen(**different: Any) -> ChatSettings:
        values: dict[str, Any] = {
            "database_url": chat_database,
            "redis_url": redis_url,
            "bot_url": bot_url,
            "bot_key": BOT_KEY,
            "profiles_url": profiles_url,
            "profiles_key": PROFILES_KEY,
            "profiles_agent_key": PROFILES_AGENT_KEY,
            "token_secret": TOKEN_SECRET,
            "demo": True,
        }
        return ChatSettings(**{**values, **different})

    return chosen


@contextlib.asynccontextmanager
async def started(settings: ChatSettings, port: int = 0) -> AsyncIterator[Web]:
    """A conversation server while the context lasts, on any free port if none is named."""
    with _app(settings) as app:
        async with (
            served(app, port) as url,
            httpx.AsyncClient(base_url=url, timeout=15, trust_env=False) as http,
        ):
            yield Web(url, http, app.state.service)


#: Apps that served a test and now rest, by what of the settings is built into their routes.
_resting: dict[tuple[bool, tuple[str, ...]], list[FastAPI]] = {}


@contextlib.contextmanager
def _app(settings: ChatSettings) -> Iterator[FastAPI]:
    """An app with new parts on routes that may be used: FastAPI takes half a second to work them out."""
    resting = _resting.setdefault((settings.demo, tuple(settings.widget_origins)), [])
    app = resting.pop() if resting else create_app(settings)
    app.state.settings = settings
    yield app
    resting.append(app)


@pytest_asyncio.fixture(loop_scope="session")
async def web(settings: Settings) -> AsyncIterator[Web]:
    async with started(settings()) as running:
        yield running
