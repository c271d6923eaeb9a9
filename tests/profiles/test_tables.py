"""The classes of the files `tables.py` of `profiles` are the tables that the migrations make."""

import pkgutil
from importlib import import_module
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

import profiles
from common.settings import sqlalchemy_url
from profiles.tables import SCHEMA, Base

#: Each part of the room has its own file of tables.
for module in pkgutil.walk_packages(profiles.__path__, "profiles."):
    if module.name.endswith(".tables"):
        import_module(module.name)


def test_the_migrated_tables_are_those_of_the_classes(migrated_url: str) -> None:
    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind != "schema" or name == SCHEMA

    engine = create_engine(sqlalchemy_url(migrated_url))
    with engine.connect() as connection:
        options = {
            "include_schemas": True,
            "include_name": ours,
            "compare_server_default": True,
            "version_table_schema": "public",
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
