"""`python -m web staff …`, and the tables that it fills, as the migrations make them."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher

from ops.postgres import Postgres
from tests.web.conftest import Web
from tests.web.desk import PASSWORD, seated, sign_in
from tests.web.talk import begin
from web.__main__ import main
from web.agents import passwords
from web.agents.commands import Office
from web.chat.database import Database


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._of_nobody.cache_clear()


@pytest.fixture
def staff(chat_database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with lines typed into it; what it printed, or why it refused."""
    monkeypatch.setenv("DATABASE_URL", chat_database)

    def run(*arguments: str, typed: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        try:
            main(["staff", *arguments])
        except SystemExit as refusal:
            return f"refused: {refusal}"
        return capsys.readouterr().out

    return run


def test_an_account_is_made_with_a_password_from_stdin(staff: Any) -> None:
    assert "Added sam (agent)" in staff("add", "Sam", "--role", "agent", typed=f"{PASSWORD}\n")
    assert "already" in staff("add", "sam", "--role", "admin", typed=f"{PASSWORD}\n")
    assert re.search(r"^sam +agent +active +Sam$", staff("list"), re.MULTILINE)


def test_a_made_up_password_is_shown_once(staff: Any) -> None:
    shown = staff("add", "kim", "--role", "admin", "--generate", "--display-name", "Kim Lee")
    (password,) = re.findall(r"^Password: (\S{24})$", shown, re.MULTILINE)
    assert password not in staff("list")
    assert password not in staff("add", "kim", "--role", "admin", "--generate")


@pytest.mark.parametrize(
    ("arguments", "typed", "why"),
    [
        (("add", "sam", "--role", "agent"), "too short\n", "at least 12 characters"),
        (("add", "no spaces", "--role", "agent"), f"{PASSWORD}\n", "2 to 40 letters"),
        (("add", "sam", "--role", "agent", "--display-name", "S\nam"), f"{PASSWORD}\n", "1 to 60"),
        (("password", "nobody"), f"{PASSWORD}\n", "no account 'nobody'"),
        (("disable", "nobody"), "", "no account 'nobody'"),
        (("seed",), "", "RAPPORT_STAFF_PASSWORD"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_line(
    staff: Any, arguments: tuple[str, ...], typed: str, why: str
) -> None:
    refusal = staff(*arguments, typed=typed)
    assert refusal.startswith("refused: web: ")
    assert why in refusal


def test_the_demos_staff_is_made_once_and_follows_the_password(
    staff: Any, monkeypatch: pytest.MonkeyPatch, chat_database: str
) -> None:
    def hashes() -> dict[str, str]:
        with psycopg.connect(chat_database) as connection:
            return dict(connection.execute("SELECT name, password_hash FROM chat.staff").fetchall())

    monkeypatch.setenv("RAPPORT_STAFF_PASSWORD", PASSWORD)
    staff("seed")
    first = hashes()
    assert set(first) == {"agent", "trainer", "admin"}
    staff("seed")
    assert hashes() == first
    monkeypatch.setenv("RAPPORT_STAFF_PASSWORD", f"{PASSWORD} of tomorrow")
    staff("seed")
    assert not set(hashes().values()) & set(first.values())


async def test_another_password_ends_all_sessions(web: Web, chat_database: str) -> None:
    sam = await seated(web, "sam")
    await _office(chat_database, "change_password", "sam", PASSWORD)
    assert (await sam.ask("GET", "me")).status_code == 401
    assert (await sign_in(web, "sam", PASSWORD)).status_code == 201


async def test_whom_a_disabled_agent_was_speaking_to_waits_for_another(web: Web, chat_database: str) -> None:
    sam, kim = await seated(web, "sam"), await seated(web, "kim")
    talk, other = await begin(web.http), await begin(web.http)
    await sam.take(talk)
    await kim.take(other)
    assert "now: 1" in await _office(chat_database, "disable", "sam")
    (row,) = (await kim.listed(owner="queued"))["conversations"]
    assert (row["conversation_id"], row["agent"]) == (talk.conversation_id, None)
    assert row["waiting_since"] is not None
    assert (await kim.take(talk))["events"][-2]["text"] == (
        "Waits for an agent: the agent who had it is gone."
    )


async def _office(database_url: str, act: str, *values: str) -> str:
    database = Database(database_url)
    try:
        line: str = await getattr(Office(database), act)(*values)
        return line
    finally:
        await database.close()


TABLES = {"conversations", "events", "staff", "staff_sessions", "notes", "marks", "audit"}


@pytest.fixture(scope="module")
def migrated(postgres: Postgres) -> Iterator[str]:
    """A database as the migrations make it."""
    postgres.create_database("migrated")
    url = postgres.url_of("migrated")
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True)
    yield url
    postgres.drop_database("migrated")


@pytest.mark.parametrize(
    "described",
    [
        "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'chat'",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'chat'",
        "SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'chat'::regnamespace",
        "SELECT event_object_table, trigger_name, event_manipulation FROM information_schema.triggers WHERE event_object_schema = 'chat'",
    ],
    ids=["columns", "indexes", "constraints", "triggers"],
)
def test_the_migrations_make_the_tables_that_the_code_describes(
    migrated: str, chat_tables: str, described: str
) -> None:
    def rows(url: str) -> set[tuple[str, ...]]:
        with psycopg.connect(url) as connection:
            found = {tuple(map(str, row)) for row in connection.execute(described)}
            return {row for row in found if row[0].removeprefix("chat.") in TABLES}

    assert rows(migrated) == rows(chat_tables) != set()
