"""Which columns hold sealed values (`data/security/sealed.yml`), and how many with which key."""

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
    SELECT CASE get_byte({column}, 0) WHEN 1 THEN 0
      ELSE ('x' || encode(substring({column} FROM 2 FOR 4), 'hex'))::bit(32)::bigint END, count(*)
    FROM profiles.{table} WHERE {column} IS NOT NULL GROUP BY 1
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
            query = _COUNT.format(table=sql.Identifier(table.table), column=sql.Identifier(column))
            counts.update(dict(connection.execute(query).fetchall()))
    return counts
