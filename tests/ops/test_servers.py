"""The embedded servers: real, on the loopback interface only, behind a password."""

from pathlib import Path

import psycopg
import pytest
import redis

from ops.errors import OpsError
from ops.postgres import Postgres
from ops.redis_server import RedisServer


def test_each_test_gets_an_empty_database(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    assert tables == []


def test_postgres_is_version_18_or_the_wheels_other_one(postgres: Postgres, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert connection.info.server_version >= 160000


def test_postgres_refuses_a_wrong_password(postgres: Postgres) -> None:
    wrong = postgres.url_of("postgres", password="not-the-password")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)


def test_redis_refuses_a_connection_without_password(redis_server: RedisServer) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=redis_server.port, retry=None).ping()


def test_redis_keeps_its_data_over_a_restart(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis")
    with server:
        redis.Redis.from_url(server.url).set("order", "RP-100234")
    with server:
        assert redis.Redis.from_url(server.url).get("order") == b"RP-100234"


def test_redis_keeps_its_files_to_itself(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis") as server:
        assert server.folder.stat().st_mode & 0o777 == 0o700


def test_redis_says_why_it_can_not_start(tmp_path: Path, redis_server: RedisServer) -> None:
    with pytest.raises(OpsError, match=f"Redis did not start on port {redis_server.port}"):
        RedisServer(tmp_path / "redis", port=redis_server.port).start()
