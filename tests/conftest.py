"""Fixtures of every room: real, embedded PostgreSQL and Redis, started once for the session.

This file is loaded in both environments, so it imports only what both have.
"""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ops.postgres import Postgres
from ops.redis_server import RedisServer

# The same examples in every run, so that a change is judged by what it changed, not by how busy the machine was;
# `pytest --hypothesis-profile default` looks for new ones.
settings.register_profile("same_examples", derandomize=True, deadline=None)
settings.load_profile("same_examples")

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for the servers' data. pytest's own is closed to the account that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-tests-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_folder: Path) -> Iterator[Postgres]:
    """The session's PostgreSQL server."""
    with Postgres(server_folder / "postgres", durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """The administrator's URL of the session's PostgreSQL server."""
    return postgres.url


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """The URL of a new, empty database, removed after the test."""
    name = f"test_{next(_numbers)}"
    postgres.create_database(name)
    yield postgres.url_of(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def redis_server(server_folder: Path) -> Iterator[RedisServer]:
    """The session's Redis server."""
    with RedisServer(server_folder / "redis", durable=False) as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of the session's Redis, emptied before the test."""
    redis_server.command("FLUSHALL")
    return redis_server.url
