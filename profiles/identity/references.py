"""Where customers are referred to: read from the database's own catalogue, so that no later table is forgotten."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_REFERENCES = text(r"""
    SELECT format('%I.%I', n.nspname, t.relname) AS table_name, quote_ident(a.attname) AS column_name,
        ARRAY(
            SELECT quote_ident(k.attname) FROM pg_index AS i JOIN pg_attribute AS k
                ON k.attrelid = t.oid AND k.attnum = ANY (i.indkey)
            WHERE i.indrelid = t.oid AND i.indisprimary ORDER BY k.attnum) AS key,
        ARRAY(
            SELECT string_agg(quote_ident(k.attname), ',' ORDER BY k.attnum)
                FILTER (WHERE k.attnum <> a.attnum)
            FROM pg_index AS i JOIN pg_attribute AS k ON k.attrelid = t.oid AND k.attnum = ANY (i.indkey)
            WHERE i.indrelid = t.oid AND i.indisunique AND a.attnum = ANY (i.indkey)
            GROUP BY i.indexrelid ORDER BY i.indexrelid) AS uniques,
        EXISTS (
            SELECT FROM pg_attribute AS m
            WHERE m.attrelid = t.oid AND m.attname = 'message_id' AND NOT m.attisdropped) AS of_events
    FROM pg_constraint AS c
    JOIN pg_class AS t ON t.oid = c.conrelid
    JOIN pg_namespace AS n ON n.oid = t.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND c.confrelid = 'profiles.customers'::regclass
    ORDER BY 1, 2
""")


@dataclass(frozen=True)
class Reference:
    """A column that names a customer. All names are quoted where they need be.

    Attributes:
        table: with its schema.
        key: the columns of the primary key.
        uniques: of each unique index with the column, the others of its columns: rows of two customers that
            agree on these can't both become one customer's.
        of_events: whether each row comes from an event, whose id is in the column `message_id`.
    """

    table: str
    column: str
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...]
    of_events: bool


async def references(connection: AsyncConnection) -> list[Reference]:
    """Every foreign key to customers, in all schemas."""
    rows = (await connection.execute(_REFERENCES)).all()
    return [
        Reference(
            row.table_name,
            row.column_name,
            tuple(row.key),
            tuple(tuple(unique.split(",")) if unique else () for unique in row.uniques),
            row.of_events,
        )
        for row in rows
    ]
