"""What the lake's list says of its files."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from profiles.lake.tables import LakeFile


async def days_in(engine: AsyncEngine) -> list[date]:
    """The days of which the lake's files may hold events."""
    async with engine.connect() as connection:
        rows = (await connection.execute(select(LakeFile.day, LakeFile.last_day))).all()
    return sorted(
        {row.day + timedelta(days=n) for row in rows for n in range((row.last_day - row.day).days + 1)}
    )
