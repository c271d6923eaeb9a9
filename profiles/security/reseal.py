"""Seals what older keys have sealed anew with the newest one, some rows at a time, while everything runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from profiles.crypto import Unreadable, Vault, header_of
from profiles.security.keyring import KeyRing
from profiles.security.sealed import FieldColumn, SealedTable

BATCH = 500


@dataclass
class Resealed:
    """What became of the values.

    Attributes:
        rows: how many rows were written.
        unreadable: columns (`table.column`) of values that do not open, with how many; they stay as they are.
    """

    rows: int
    unreadable: dict[str, int]


def reseal(
    connection: "psycopg.Connection[Any]",
    vault: Vault,
    ring: KeyRing,
    tables: list[SealedTable],
    progress: Callable[[int], None],
) -> Resealed:
    """Seal everything anew that is not sealed with the newest key; each batch of rows is a transaction.

    Ended at any point and run again, it goes on where it was: what is done no longer stands out.

    Args:
        progress: hears how many rows were written so far.
    """
    done = Resealed(0, {})
    header = header_of(ring.newest())
    # What merges have noted comes first and last: a merge takes rows away from where they are looked for next, and
    # undoing it brings them back.
    for batches, write in (_NOTED, _OWN, _NOTED):
        for table in tables:
            for rows in batches(connection, table, header):
                for row in rows:
                    changed = _seal_anew(vault, table, row, header, done)
                    if changed:
                        write(connection, table, row, changed)
                        done.rows += 1
                connection.commit()
                progress(done.rows)
    return done


def _batches(
    connection: "psycopg.Connection[Any]", table: SealedTable, header: bytes
) -> Iterator[list[dict[str, Any]]]:
    """Locked rows with values of other keys, in the order of the primary key."""
    key = sql.SQL(", ").join(map(sql.Identifier, table.key))
    others = sql.SQL(" OR ").join(
        sql.SQL("substring({} FROM 1 FOR {}) <> {}").format(sql.Identifier(column), len(header), header)
        for column in table.fields
    )
    query = sql.SQL(
        "SELECT * FROM profiles.{table} WHERE ({others}){after} ORDER BY {key} LIMIT {n} FOR NO KEY UPDATE"
    )
    last: list[Any] | None = None
    while True:
        after: sql.Composable = sql.SQL("")
        if last is not None:
            values = sql.SQL(", ").join(map(sql.Literal, last))
            after = sql.SQL(" AND ({}) > ({})").format(key, values)
        with connection.cursor(row_factory=dict_row) as cursor:
            name = sql.Identifier(table.table)
            cursor.execute(query.format(table=name, others=others, after=after, key=key, n=BATCH))
            rows = cursor.fetchall()
        if not rows:
            connection.commit()
            return
        last = [rows[-1][column] for column in table.key]
        yield rows


def _seal_anew(
    vault: Vault, table: SealedTable, row: dict[str, Any], header: bytes, done: Resealed
) -> dict[str, bytes]:
    changed = {}
    for column, field in table.fields.items():
        value = row[column]
        if value is None or value.startswith(header):
            continue
        customer = row[table.customer]
        name = row[field.column] if isinstance(field, FieldColumn) else field
        try:
            changed[column] = vault.seal(customer, name, vault.open(customer, name, value))
        except Unreadable:
            place = f"{table.table}.{column}"
            done.unreadable[place] = done.unreadable.get(place, 0) + 1
    return changed


def _write(
    connection: "psycopg.Connection[Any]", table: SealedTable, row: dict[str, Any], changed: dict[str, bytes]
) -> None:
    same = sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), row[column]) for column in table.key
    )
    values = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), value) for column, value in changed.items()
    )
    name = sql.Identifier(table.table)
    connection.execute(sql.SQL("UPDATE profiles.{} SET {} WHERE {}").format(name, values, same))


def _noted_batches(
    connection: "psycopg.Connection[Any]", table: SealedTable, header: bytes
) -> Iterator[list[dict[str, Any]]]:
    """Rows of the table as merges have noted them, to be put back one day; `_number` is that of the note."""
    begin = rf"\x{header.hex()}"
    others = sql.SQL(" OR ").join(
        sql.SQL("left(content ->> {}, {}) <> {}").format(column, len(begin), begin) for column in table.fields
    )
    query = sql.SQL(
        "SELECT number, content FROM profiles.merged_rows WHERE table_name = {table} AND act <> 'moved'"
        " AND ({others}) AND number > {last} ORDER BY number LIMIT {n} FOR NO KEY UPDATE"
    )
    last = 0
    while True:
        name = f"profiles.{table.table}"
        asked = query.format(table=name, others=others, last=last, n=BATCH)
        rows = connection.execute(asked).fetchall()
        if not rows:
            connection.commit()
            return
        last = rows[-1][0]
        yield [
            content | {"_number": number} | {name: _bytes(content[name]) for name in table.fields}
            for number, content in rows
        ]


def _write_noted(
    connection: "psycopg.Connection[Any]", _table: SealedTable, row: dict[str, Any], changed: dict[str, bytes]
) -> None:
    content = Jsonb({column: rf"\x{value.hex()}" for column, value in changed.items()})
    query = "UPDATE profiles.merged_rows SET content = content || %s WHERE number = %s"
    connection.execute(query, [content, row["_number"]])


def _bytes(written: str | None) -> bytes | None:
    """As PostgreSQL writes bytes into JSON."""
    return None if written is None else bytes.fromhex(written.removeprefix(r"\x"))


_OWN = (_batches, _write)
_NOTED = (_noted_batches, _write_noted)
