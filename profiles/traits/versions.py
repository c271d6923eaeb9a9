"""Which schema is in force: the highest published version; the files, as long as nothing has been published."""

from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.traits.declared import Schema, parse, read
from profiles.traits.tables import PublishedSchema


def _of_highest(column: str) -> ColumnElement[object]:
    table = PublishedSchema.__table__
    highest = select(table.c[column]).order_by(table.c.version.desc()).limit(1)
    return highest.scalar_subquery().label(f"schema_{column}")


#: Columns for any query: which version is in force (none: the files).
HIGHEST = (_of_highest("version"), _of_highest("published_at"))


async def schema_in_force(connection: AsyncConnection) -> Schema:
    """The schema that values are kept and shown by now.

    Raises:
        declared.BadDeclaration: nothing has been published, and the files can't be used.
    """
    row = (await connection.execute(select(*HIGHEST))).one()
    return await published(connection, row.schema_version, row.schema_published_at)


async def published(
    connection: AsyncConnection, version: int | None, published_at: datetime | None
) -> Schema:
    """The schema of a version that was found with `HIGHEST`; read from the database once."""
    if version is None or published_at is None:
        return of_files()
    known = _published.get((version, published_at))
    if known is None:
        query = select(PublishedSchema.content).where(PublishedSchema.version == version)
        content = (await connection.execute(query)).scalar_one()
        known = parse(content, f"published version {version}")
        _published.clear()
        _published[version, published_at] = known
    return known


#: The one that was read last. Versions of two databases differ in when they were published.
_published: dict[tuple[int, datetime], Schema] = {}


@cache
def of_files() -> Schema:
    """What the files of this checkout declare, read once.

    Raises:
        declared.BadDeclaration
    """
    return read()
