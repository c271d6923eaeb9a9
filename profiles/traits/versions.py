"""Which schema is in force: the highest published version; the files, as long as nothing has been published."""

from datetime import datetime
from functools import cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.traits.declared import Schema, parse, read

_HIGHEST = text("SELECT version, published_at FROM profiles.attribute_schemas ORDER BY version DESC LIMIT 1")
_CONTENT = text("SELECT content FROM profiles.attribute_schemas WHERE version = :version")


async def in_force(connection: AsyncConnection) -> Schema:
    """The schema that values are kept and shown by now.

    Raises:
        declared.BadDeclaration: nothing has been published, and the files can't be used.
    """
    highest = (await connection.execute(_HIGHEST)).one_or_none()
    if highest is None:
        return of_files()
    known = _published.get((highest.version, highest.published_at))
    if known is None:
        content = await connection.scalar(_CONTENT, {"version": highest.version})
        known = parse(content, f"published version {highest.version}")
        _published.clear()
        _published[highest.version, highest.published_at] = known
    return known


#: The one that was read last. Versions of two databases differ in when they were published.
_published: dict[tuple[int, datetime], Schema] = {}


@cache
def of_files() -> Schema:
    """What the files of this checkout declare, read once."""
    return read()
