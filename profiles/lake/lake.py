"""Adds events to the lake, reads days of it, and forgets people."""

import asyncio
import base64
import os
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.lake import files
from profiles.lake.tables import LakeFile

_FIELD = "key"
#: Files of a day are put together when there are more than so many.
MANY_FILES = 24


class Lake:
    """The files below `folder`, listed in the database.

    Args:
        folder: only the service's account needs to read it; the files are encrypted all the same.
    """

    def __init__(self, folder: Path, engine: AsyncEngine, vault: Vault) -> None:
        self._folder = folder
        self._engine = engine
        self._vault = vault

    async def add(self, events: Sequence[Event], first_id: str, last_id: str) -> None:
        """Keep events that came in the entries from `first_id` to `last_id`; a second time replaces the first.

        Raises:
            OSError: the disk does not take them.
        """
        by_day: dict[date, list[Event]] = defaultdict(list)
        for event in events:
            by_day[event.timestamp.astimezone(UTC).date()].append(event)
        for day, of_day in sorted(by_day.items()):
            table = await asyncio.to_thread(files.table_of, of_day)
            await self._write(day, f"{first_id}_{last_id}", table)

    async def days(self) -> list[date]:
        """The days of which there are events."""
        async with self._engine.connect() as connection:
            query = select(LakeFile.day).distinct().order_by(LakeFile.day)
            return list((await connection.scalars(query)).all())

    async def read(self, day: date) -> pa.Table:
        """The events of a day, each once."""
        return files.distinct([table async for _, table in self._tables(day)])

    async def compact(self, before: date) -> int:
        """Put the files of each day before `before` together where there are many; gives how many days."""
        async with self._engine.connect() as connection:
            many = text("""
                SELECT day FROM profiles.lake_files WHERE day < :before GROUP BY day HAVING count(*) > :many
            """)
            days = (await connection.scalars(many, {"before": before, "many": MANY_FILES})).all()
        for day in days:
            names, tables = [], []
            async for name, table in self._tables(day):
                names.append(name)
                tables.append(table)
            await self._write(day, f"whole-{uuid.uuid4().hex}", files.distinct(tables), replacing=names)
        return len(days)

    async def forget(self, user_ids: Collection[str], anonymous_ids: Collection[str]) -> int:
        """Write every file anew that holds events of these people (`files.of_people`), without them.

        Returns:
            How many events were taken out. Nothing more is found by a second run.
        """
        removed = 0
        for day in await self.days():
            async for name, table in self._tables(day):
                theirs = files.of_people(table, user_ids, anonymous_ids)
                kept = table.filter(pc.invert(theirs))
                if kept.num_rows == table.num_rows:
                    continue
                removed += table.num_rows - kept.num_rows
                if kept.num_rows:
                    await self._write(day, f"rewritten-{uuid.uuid4().hex}", kept, replacing=[name])
                else:
                    await self._drop([name])
        return removed

    async def drop_before(self, day: date) -> int:
        """Delete the files of all days before `day`; gives how many."""
        async with self._engine.connect() as connection:
            names = (await connection.scalars(select(LakeFile.name).where(LakeFile.day < day))).all()
        await self._drop(names)
        return len(names)

    async def _tables(self, day: date) -> AsyncIterator[tuple[str, pa.Table]]:
        async with self._engine.connect() as connection:
            listed = select(LakeFile).where(LakeFile.day == day).order_by(LakeFile.name)
            rows = (await connection.execute(listed)).all()
        for row in rows:
            key = base64.b64decode(self._vault.open(row.name, _FIELD, row.sealed_key))
            yield row.name, await asyncio.to_thread(files.read, self._folder / row.name, key)

    async def _write(self, day: date, name: str, table: pa.Table, replacing: Sequence[str] = ()) -> None:
        path = f"day={day:%Y-%m-%d}/{name}.parquet"
        key = os.urandom(files.KEY_BYTES)
        await asyncio.to_thread(files.write, self._folder / path, table, key)
        row = {
            "name": path,
            "day": day,
            "events": table.num_rows,
            "written_at": datetime.now(UTC),
            "sealed_key": self._vault.seal(path, _FIELD, base64.b64encode(key).decode()),
        }
        listed = upsert(LakeFile).values(row)
        # A file that was written again has another key.
        listed = listed.on_conflict_do_update(index_elements=["name"], set_=row)
        async with self._engine.begin() as connection:
            await connection.execute(listed)
            await connection.execute(delete(LakeFile).where(LakeFile.name.in_(replacing)))
        for old in replacing:
            (self._folder / old).unlink(missing_ok=True)

    async def _drop(self, names: Sequence[str]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(delete(LakeFile).where(LakeFile.name.in_(names)))
        for name in names:
            (self._folder / name).unlink(missing_ok=True)
