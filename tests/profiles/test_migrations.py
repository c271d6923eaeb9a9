"""The migrations of the whole project, there and back, on an empty database."""

import os
import subprocess
import sys

import psycopg

ROOM_SCHEMAS = ["chat", "profiles", "shop", "training"]


def alembic(database_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )


def tables(database_url: str) -> set[str]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname = ANY(%s)", [ROOM_SCHEMAS]
        ).fetchall()
    return {row[0] for row in rows}


def test_upgrade_makes_the_tables_and_downgrade_leaves_none(database_url: str) -> None:
    up = alembic(database_url, "upgrade", "head")
    assert up.returncode == 0, up.stderr
    assert {"profiles.customers", "profiles.consents", "profiles.audit"} <= tables(database_url)

    down = alembic(database_url, "downgrade", "base")
    assert down.returncode == 0, down.stderr
    assert tables(database_url) == set()


def test_without_a_database_url_one_line_says_what_is_missing() -> None:
    result = alembic("", "upgrade", "head")
    assert result.returncode != 0
    assert "DATABASE_URL is not set" in result.stderr
    assert "Traceback" not in result.stderr
