"""A log with entries, and hands that can alter it in spite of its trigger."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from profiles.audit.chain import Entry, note
from profiles.audit.settings import AuditSettings
from profiles.store import Store

Tamper = Callable[[str], None]


@pytest.fixture
def tamper(customers_url: str) -> Tamper:
    """Run a statement as somebody who may do anything in the database."""

    def run(statement: str) -> None:
        with psycopg.connect(customers_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement)

    return run


@pytest.fixture
def audit_settings(tmp_path: Path) -> AuditSettings:
    return AuditSettings(state=tmp_path)


async def add(store: Store, *whats: str) -> None:
    """Add entries, all in one transaction."""
    async with store.engine.begin() as connection:
        await note(connection, [Entry("tester", what, "pseudonym", "a test") for what in whats])
