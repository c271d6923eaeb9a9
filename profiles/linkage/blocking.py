"""Which pairs are worth comparing: those that agree on something which few records share."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import duckdb

from profiles.linkage.values import Kind

#: Pairs to compare at most, however small the table, and by record.
LEAST_BUDGET = 3_000_000
BUDGET_PER_RECORD = 10
#: A column that agrees in more than this share of all pairs is no key by itself.
_SINGLE_SHARE = 0.02
_NO_KEYS: frozenset[Kind] = frozenset({"category", "house_number"})


@dataclass(frozen=True)
class Rule:
    """Pairs that agree on all of these columns are compared."""

    columns: tuple[str, ...]
    pairs: int


def choose(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[str], columns: Sequence[tuple[str, Kind]]
) -> list[Rule]:
    """Rules whose pairs together keep within the budget, those that need the fewest comparisons first.

    A column by itself is best, for the pair then may differ in all others; one that too many pairs agree on is used
    with each of the others.

    Args:
        connection: the database.
        tables: one, in which duplicates are looked for, or two whose records are to be linked.
        columns: names and kinds.
    """
    records = sum(_number(connection, f"SELECT count(*) FROM {table}") for table in tables)  # noqa: S608
    budget = max(LEAST_BUDGET, BUDGET_PER_RECORD * records)
    all_pairs = records * (records - 1) // 2
    rules: list[Rule] = []
    broad: list[str] = []
    for name, kind in columns:
        pairs = agreeing(connection, tables, (name,))
        if pairs > budget // 2 or kind in _NO_KEYS or (pairs > all_pairs * _SINGLE_SHARE and records > 1000):
            broad.append(name)
        elif pairs:
            rules.append(Rule((name,), pairs))
    single = {rule.columns[0] for rule in rules}
    for two in combinations([name for name, _ in columns], 2):
        if single.isdisjoint(two) and (pairs := agreeing(connection, tables, two)):
            rules.append(Rule(two, pairs))
    chosen: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: (rule.pairs, rule.columns)):
        if sum(one.pairs for one in chosen) + rule.pairs > budget:
            break
        chosen.append(rule)
    return chosen


def agreeing(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], columns: tuple[str, ...]) -> int:
    """How many pairs agree on all the columns."""
    key = ", ".join(columns)
    known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    counts = [f"(SELECT {key}, count(*) AS n FROM {table} WHERE {known} GROUP BY ALL)" for table in tables]  # noqa: S608
    if len(tables) == 1:
        return _number(connection, f"SELECT coalesce(sum(n * (n - 1) // 2), 0) FROM {counts[0]}")  # noqa: S608
    return _number(
        connection,
        f"SELECT coalesce(sum(l.n * r.n), 0) FROM {counts[0]} AS l JOIN {counts[1]} AS r USING ({key})",  # noqa: S608
    )


def filled(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], column: str) -> int:
    """How many records have a value."""
    return sum(_filled(connection, tables, column))


def filled_pairs(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], column: str) -> int:
    """How many pairs have a value on both sides."""
    counts = _filled(connection, tables, column)
    return counts[0] * (counts[0] - 1) // 2 if len(counts) == 1 else counts[0] * counts[1]


def _filled(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], column: str) -> list[int]:
    return [_number(connection, f"SELECT count({column}) FROM {table}") for table in tables]  # noqa: S608


def _number(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    # All rows, for one left unread keeps the connection busy.
    return int(connection.execute(sql).fetchall()[0][0])
