"""The command, and the database that it expects."""

import os
import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from common.settings import sqlalchemy_url
from tests.web.conftest import Settings
from web.chat.settings import REPOSITORY
from web.chat.tables import metadata


def _serve(settings: Settings, **environment: str) -> subprocess.CompletedProcess[str]:
    chosen = settings()
    values = {
        "DATABASE_URL": chosen.database_url,
        "REDIS_URL": chosen.redis_url,
        "RAPPORT_BOT_URL": chosen.bot_url,
        "RAPPORT_BOT_KEY": "k",
        "RAPPORT_PROFILES_URL": chosen.profiles_url,
        "RAPPORT_PROFILES_KEY": "k",
        "RAPPORT_TOKEN_SECRET": "s" * 32,
        "PATH": os.environ["PATH"],
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-m", "web", "serve"],
        env=values,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "shop.example"])  # noqa: S104
def test_demo_mode_refuses_to_listen_beyond_this_machine(settings: Settings, host: str) -> None:
    ended = _serve(settings, RAPPORT_DEMO="1", RAPPORT_WEB_HOST=host)
    assert ended.returncode != 0
    assert "demo mode" in ended.stderr
    assert host in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_said_in_one_line(settings: Settings) -> None:
    taken = settings().bot_url.rsplit(":", 1)[1]
    ended = _serve(settings, RAPPORT_WEB_PORT=taken)
    assert ended.returncode != 0
    assert f"127.0.0.1:{taken}" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_secret_that_is_too_short_is_refused_without_showing_it(settings: Settings) -> None:
    ended = _serve(settings, RAPPORT_TOKEN_SECRET="hush-hush")
    assert ended.returncode != 0
    assert "token_secret" in ended.stderr
    assert "hush" not in ended.stderr


def test_the_migration_makes_what_the_tables_describe(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    config = Config(toml_file=str(REPOSITORY / "pyproject.toml"))
    command.upgrade(config, "0005")
    engine = create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == "chat",
            # PostgreSQL says the expressions of these in other words.
            "include_object": lambda _, name, *__: name not in {"conversations_inbox", "events_text"},
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    command.downgrade(config, "0002")
    engine.dispose()
