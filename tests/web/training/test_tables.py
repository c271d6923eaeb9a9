"""The migration makes what the tables describe, and its log can only be added to."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from common.settings import sqlalchemy_url
from tests.web.training.conftest import TRAINER
from web.training.service import Training
from web.training.tables import metadata


def test_the_migration_makes_what_the_tables_describe(migrated: str) -> None:
    engine = create_engine(sqlalchemy_url(migrated))
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == "training",
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("act", ["DELETE FROM training.audit", "UPDATE training.audit SET who = 'x'"])
async def test_nothing_is_taken_out_of_the_log(training: Training, training_database: str, act: str) -> None:
    await training._audit.add(TRAINER, "looked", page="review")
    with (
        psycopg.connect(training_database) as connection,
        pytest.raises(psycopg.errors.RaiseException, match="only ever added to"),
    ):
        connection.execute(act.encode())
    [entry] = await training.audit(limit=1)
    assert (entry.who, entry.what, entry.details) == (TRAINER, "looked", {"page": "review"})
