"""Adds events to the lake, reads days of it, and forgets people."""

import asyncio
import base64
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import ColumnElement, delete, func, select, text, true
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncEngine

from profiles.crypto import Vault
from profiles.events.envelope import Event
from profiles.lake import files
from profiles.lake.tables import LakeFile

_FIELD = "key"
#: Files of a folder are put together when there are more than so many.
MANY_FILES = 24

#: Who writes files anew holds this lock alone, from reading them to listing the new ones: what one has taken out of a
#: file no other brings back. Who reads holds it shared, so that no file goes away while it does.
_REWRITING = 7_426_014
_ALONE = text("SELECT pg_advisory_xact_lock(:key)")
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)")
_listed_folder = func.split_part(LakeFile.name, "/", 1)


@dataclass(frozen=True)
class _File:
    name: str
    table: pa.Table

    @property
    def folder(self) -> str:
        return self.name.partition("/")[0]


class Lake:
    """The files below `folder`, listed in the database.

    Those of a folder `day=…` hold events that occurred on this day; those of a folder `late=…` events that were
    received on this day and had occurred long before.

    Args:
        folder: only the service's account needs to read it; the files are encrypted all the same.
    """

    def __init__(self, folder: Path, engine: AsyncEngine, vault: Vault) -> None:
        self._folder = folder
        self._engine = engine
        self._vault = vault

    async def add(self, events: Sequence[Event], name: str) -> None:
        """Keep events; a second time under the same name replaces the first.

        Raises:
            OSError: the disk does not take them.
        """
        await self.add_rows(await asyncio.to_thread(files.by_folder, events), name)

    async def add_rows(self, by_folder: Mapping[str, pa.Table], name: str) -> None:
        """The same for events that are rows already (`files.by_folder`)."""
        for folder, table in sorted(by_folder.items()):
            await self._write(folder, name, table)

    async def read(self, day: date) -> pa.Table:
        """The events that occurred on a day, each once."""
        holding = (LakeFile.day <= day) & (LakeFile.last_day >= day)
        async with self._held(_SHARED):
            tables = [files.occurred(file.table, day, day) async for file in self._files(holding)]
        return files.distinct(tables)

    async def of_people(self, user_ids: Collection[str], anonymous_ids: Collection[str]) -> pa.Table:
        """The events of these people (`files.of_people`), each once."""
        async with self._held(_SHARED):
            tables = [
                file.table.filter(files.of_people(file.table, user_ids, anonymous_ids))
                async for file in self._files(true())
            ]
        return files.distinct(tables)

    async def compact(self, before: date) -> int:
        """Put the files of each folder before `before` together where there are many; gives how many folders."""
        gone_by = func.split_part(_listed_folder, "=", 2) < before.isoformat()
        many = (
            select(_listed_folder).where(gone_by).group_by(_listed_folder).having(func.count() > MANY_FILES)
        )
        async with self._engine.connect() as connection:
            folders = (await connection.scalars(many)).all()
        for folder in folders:
            async with self._held(_ALONE):
                found = [file async for file in self._files(_listed_folder == folder)]
                whole = files.distinct([file.table for file in found])
                names = [file.name for file in found]
                await self._write(folder, f"whole-{uuid.uuid4().hex}", whole, replacing=names)
        return len(folders)

    async def forget(self, user_ids: Collection[str], anonymous_ids: Collection[str]) -> int:
        """Write every file anew that holds events of these people (`files.of_people`), without them.

        Returns:
            How many events were taken out. Nothing more is found by a second run.
        """
        removed = 0
        async with self._held(_ALONE):
            async for file in self._files(true()):
                theirs = files.of_people(file.table, user_ids, anonymous_ids)
                removed += await self._keep(file, file.table.filter(pc.invert(theirs)))
        return removed

    async def drop_before(self, day: date) -> int:
        """Delete what occurred before `day`; gives from how many files."""
        async with self._held(_ALONE):
            async with self._engine.connect() as connection:
                names = (await connection.scalars(select(LakeFile.name).where(LakeFile.last_day < day))).all()
            await self._drop(names)
            partly = [file async for file in self._files(LakeFile.day < day)]
            for file in partly:
                await self._keep(file, files.occurred(file.table, day, files.days_of(file.table)[1]))
        return len(names) + len(partly)

    @contextlib.asynccontextmanager
    async def _held(self, lock: Any) -> AsyncIterator[None]:
        async with self._engine.begin() as connection:
            await connection.execute(lock, {"key": _REWRITING})
            yield

    async def _files(self, which: ColumnElement[bool]) -> AsyncIterator[_File]:
        async with self._engine.connect() as connection:
            listed = select(LakeFile.name, LakeFile.sealed_key).where(which).order_by(LakeFile.name)
            rows = (await connection.execute(listed)).all()
        for row in rows:
            key = base64.b64decode(self._vault.open(row.name, _FIELD, row.sealed_key))
            yield _File(row.name, await asyncio.to_thread(files.read, self._folder / row.name, key))

    async def _keep(self, file: _File, kept: pa.Table) -> int:
        """Keep only these rows of a file; gives how many went."""
        if kept.num_rows == 0:
            await self._drop([file.name])
        elif kept.num_rows < file.table.num_rows:
            await self._write(file.folder, f"rewritten-{uuid.uuid4().hex}", kept, replacing=[file.name])
        return int(file.table.num_rows - kept.num_rows)

    async def _write(self, folder: str, name: str, table: pa.Table, replacing: Sequence[str] = ()) -> None:
        path = f"{folder}/{name}.parquet"
        key = os.urandom(files.KEY_BYTES)
        await asyncio.to_thread(files.write, self._folder / path, table, key)
        first, last = files.days_of(table)
        row = {
            "name": path,
            "day": first,
            "last_day": last,
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
