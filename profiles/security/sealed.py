"""Which columns hold sealed values (`data/security/sealed.yml`), and how many with which key.

What merges have noted of such rows (`merged_rows`) counts as theirs.
"""

from collections import Counter
from pathlib import Path

import psycopg
import yaml
from psycopg import sql
from pydantic import BaseModel, ConfigDict

SEALED_FILE = Path(__file__).parents[2] / "data" / "security" / "sealed.yml"
#: In counts: the value was sealed with `RAPPORT_DATA_KEY` itself.
DIRECTLY = 0

_COUNT = sql.SQL("""
    SELECT CASE get_byte(value, 0) WHEN 1 THEN 0
      ELSE ('x' || encode(substring(value FROM 2 FOR 4), 'hex'))::bit(32)::bigint END, count(*)
    FROM ({values}) AS v (value) WHERE value IS NOT NULL GROUP BY 1
""")
_COLUMN = sql.SQL("SELECT {column} FROM profiles.{table}")
#: What a merge has taken or kept of a row rests there as JSON, until it is undone.
_MERGED = sql.SQL("""
    SELECT CAST(content ->> {column} AS bytea) FROM profiles.merged_rows
    WHERE table_name = {table} AND act <> 'moved'
""")


class FieldColumn(BaseModel):
    """The name of the field stands in a column of the same row."""

    model_config = ConfigDict(extra="forbid")

    column: str


class SealedTable(BaseModel):
    """A table with sealed values."""

    model_config = ConfigDict(extra="forbid")

    table: str
    key: list[str]
    customer: str
    fields: dict[str, str | FieldColumn]


class SealedColumns(BaseModel):
    """The file as a whole."""

    model_config = ConfigDict(extra="forbid")

    version: int
    sealed: list[SealedTable]
    plain: dict[str, list[str]]


def load_sealed(file: Path = SEALED_FILE) -> list[SealedTable]:
    """The tables with sealed values."""
    return SealedColumns.model_validate(yaml.safe_load(file.read_text())).sealed


def count_by_key(
    connection: "psycopg.Connection[tuple[int, int]]", tables: list[SealedTable]
) -> Counter[int]:
    """How many values each key has sealed; `DIRECTLY` for those without."""
    counts: Counter[int] = Counter()
    for table in tables:
        for column in table.fields:
            rows = _COLUMN.format(table=sql.Identifier(table.table), column=sql.Identifier(column))
            merged = _MERGED.format(table=f"profiles.{table.table}", column=column)
            for values in (rows, merged):
                counts.update(dict(connection.execute(_COUNT.format(values=values)).fetchall()))
    return counts
