"""Entries of the log before it was a chain are numbered and chained by the migration."""

import psycopg

from profiles import database
from profiles.audit.settings import AuditSettings
from profiles.audit.verify import verify
from tests.profiles.test_migrations import alembic


async def test_entries_from_before_are_part_of_the_chain(
    database_url: str, audit_settings: AuditSettings
) -> None:
    assert alembic(database_url, "upgrade", "0007").returncode == 0
    with psycopg.connect(database_url) as connection:
        for number in range(4):
            connection.execute(
                "INSERT INTO profiles.audit (who, what, customer_pseudonym, why) VALUES (%s, 'details', 'p', 'é')",
                [f"agents/{number}"],
            )
        connection.execute("DELETE FROM profiles.audit WHERE id = 2")
    up = alembic(database_url, "upgrade", "0008")
    assert up.returncode == 0, up.stderr
    engine = database.connect(database_url, 10)
    report = await verify(engine, audit_settings.keys(), [])
    await engine.dispose()
    assert (report.entries, report.faults) == (3, [])
    with psycopg.connect(database_url) as connection:
        kept = connection.execute("SELECT sequence, who FROM profiles.audit ORDER BY sequence").fetchall()
    assert kept == [(1, "agents/0"), (2, "agents/2"), (3, "agents/3")]
    down = alembic(database_url, "downgrade", "0007")
    assert down.returncode == 0, down.stderr
