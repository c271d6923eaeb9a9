"""A table with personal data."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from profiles.crypto import Unreadable
from profiles.protocol import utc_text
from profiles.rights.places import Shown, Surroundings
from profiles.rights.stores import Identifiers, TableStore, parameters, statement
from profiles.rights.unsealing import Opener

#: Lets entries of the agents' log lose whom they are about, until the transaction ends.
_ERASING = text("SELECT set_config('rapport.erasing', 'on', true)")


class TablePlace:
    """Rows of a table, see `places.Place`."""

    def __init__(self, store: TableStore, around: Surroundings) -> None:
        self._store = store
        self._around = around
        seal = around.stores.seals.get(store.table.split(".")[0])
        self._opener = Opener(store, around.vault, around.data_key, seal)

    @property
    def title(self) -> str:
        return self._store.title

    @property
    def empties(self) -> bool:
        return self._store.erase != "keep"

    @property
    def store(self) -> TableStore:
        """As it is declared."""
        return self._store

    async def count(self, identifiers: Identifiers) -> int:
        async with self._around.engine.connect() as connection:
            return await self.count_in(connection, identifiers)

    async def show(self, identifiers: Identifiers) -> list[Shown]:
        async with self._around.engine.connect() as connection:
            if self._store.find is None:
                rows = [row for row, _ in await self._mentioning(connection, identifiers)]
            else:
                rows = await self._rows(connection, self._store.show or self._store.find, identifiers)
        return [
            {
                name: plain(value)
                for name, value in self._opener.opened(row).items()
                if name not in self._store.hide
            }
            for row in rows
        ]

    async def erase(self, identifiers: Identifiers, pseudonym: str) -> int:
        async with self._around.engine.begin() as connection:
            return await self.erase_in(connection, identifiers, pseudonym)

    async def erase_in(self, connection: AsyncConnection, identifiers: Identifiers, pseudonym: str) -> int:
        """As `erase`, within a transaction."""
        if self._store.erase == "keep":
            return await self.count_in(connection, identifiers)
        await connection.execute(_ERASING)
        if self._store.find is None:
            places = [place for _, place in await self._mentioning(connection, identifiers)]
            gone = text(f"DELETE FROM {self._store.table} WHERE ctid = ANY (CAST(:places AS tid[]))")  # noqa: S608
            return (await connection.execute(gone, {"places": places})).rowcount
        if self._store.first is not None:
            first = statement(self._store.first)
            await connection.execute(first, parameters(first, identifiers, pseudonym))
        sql = statement(f"{self._change()} WHERE {self._store.find}")
        return (await connection.execute(sql, parameters(sql, identifiers, pseudonym))).rowcount

    async def count_in(self, connection: AsyncConnection, identifiers: Identifiers) -> int:
        """As `count`, within a transaction."""
        if self._store.find is None:
            return len(await self._mentioning(connection, identifiers))
        sql = statement(f"SELECT count(*) FROM {self._store.table} WHERE {self._store.find}")  # noqa: S608
        return await connection.scalar(sql, parameters(sql, identifiers)) or 0

    def _change(self) -> str:
        if self._store.erase == "delete":
            return f"DELETE FROM {self._store.table}"  # noqa: S608  (a declared name)
        given = ", ".join(f"{column} = {value}" for column, value in self._store.set.items())
        return f"UPDATE {self._store.table} SET {given}"  # noqa: S608  (declared names)

    async def _rows(
        self, connection: AsyncConnection, find: str, identifiers: Identifiers
    ) -> list[dict[str, Any]]:
        # Without an order it changes with the plan of the query; this one is about that of writing.
        sql = statement(f"SELECT * FROM {self._store.table} WHERE {find} ORDER BY ctid")  # noqa: S608  (declared names)
        found = await connection.execute(sql, parameters(sql, identifiers))
        return [dict(row) for row in found.mappings().all()]

    async def _mentioning(
        self, connection: AsyncConnection, identifiers: Identifiers
    ) -> list[tuple[dict[str, Any], str]]:
        """Rows whose sealed column mentions one of the ids, and where they are: nothing else leads to them."""
        found_in = self._store.find_in
        if found_in is None:
            return []
        ids = {one for name in found_in.ids for one in identifiers.get(name, ())}
        if not ids:
            return []
        query = text(
            f"SELECT *, ctid::text AS place FROM {self._store.table} "  # noqa: S608  (declared names)
            f"WHERE {found_in.column} IS NOT NULL ORDER BY ctid"
        )
        rows = []
        for found in (await connection.execute(query)).mappings().all():
            row = dict(found)
            place = row.pop("place")
            try:
                content = self._opener.content(row, found_in.column)
            except Unreadable:
                continue
            if any(f'"{one}"' in json.dumps(content) for one in ids):
                rows.append((row, place))
        return rows


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    match value:
        case datetime():
            return utc_text(value.astimezone(UTC))
        case date() | UUID():
            return str(value)
        case Decimal():
            return float(value)
        case bytes() | memoryview():
            return bytes(value).hex()
    return value
