"""The one Alembic environment of the project: `DATABASE_URL` says where, each room has a schema of its own."""

import os

from alembic import context
from sqlalchemy import create_engine, pool, text

from common.settings import sqlalchemy_url

#: One schema a room; made here, so that a migration can go straight to its tables.
SCHEMAS = ("profiles", "shop", "chat")

#: Any constant: whoever migrates the same database at the same time waits for the first.
MIGRATION_LOCK = 7_426_001


def migrate() -> None:
    """Run the asked-for migrations in one transaction, so that a failed one leaves nothing behind."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        raise SystemExit("migrations: DATABASE_URL is not set; `make up` sets it, see docs/contracts.md.")
    engine = create_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        for schema in SCHEMAS:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        context.configure(connection=connection, target_metadata=None, version_table_schema="public")
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("migrations: --sql is not supported; give a database in DATABASE_URL.")
migrate()
