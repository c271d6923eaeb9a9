"""Learns the weights of agreement without labels, and scores pairs of records by them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from profiles.linkage import blocking, mixture
from profiles.linkage.comparisons import MISSING, comparison
from profiles.linkage.values import Kind

#: Pairs that are less probable are not given.
LEAST_PROBABILITY = 0.05
SAMPLED_PAIRS = 1_000_000
_SEED = 20261122
#: Of a level that was not seen.
_NEVER = 1e-6

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Field:
    """A column of normalised values, the same in all tables."""

    name: str
    kind: Kind
    values: tuple[Sequence[str | None], ...]


@dataclass(frozen=True)
class Evidence:
    """What one column says: log2 of how much more often the same person's records agree so than two people's."""

    column: str
    agreement: str
    left: str | None
    right: str | None
    weight: float


@dataclass(frozen=True)
class Pair:
    """Two records by their row; in a linkage `left` is of the first table and `right` of the second."""

    left: int
    right: int
    #: That it is the same person.
    probability: float
    #: That it is two people of one household.
    household: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Linked:
    """What was found, the most probable pairs first."""

    pairs: list[Pair]
    #: The probability from which pairs are best taken for the same person.
    threshold: float
    #: So many pairs of the same person are expected among all.
    expected: float
    compared: int
    rules: list[tuple[str, ...]]


def link(fields: Sequence[Field], progress: Progress = lambda _what, _share: None) -> Linked:
    """Pairs of records of the same person: in one table, or between two.

    Args:
        fields: the columns, each with its values in one or in two tables.
        progress: told what is being done, and how much of all has been done.
    """
    names = {f"c{at}": field for at, field in enumerate(fields)}
    kinds = [(name, field.kind) for name, field in names.items()]
    tables = ["first_table", "second_table"][: len(fields[0].values)] if fields else []
    nothing = Linked([], 0.5, 0.0, 0, [])
    if not fields:
        return nothing
    with duckdb.connect() as connection:
        progress("choosing what to compare", 0.05)
        for at, table in enumerate(tables):
            connection.register(f"{table}_rows", _arrow(names, at))
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM {table}_rows")  # noqa: S608
        rules = blocking.choose(connection, tables, kinds)
        if not rules:
            return nothing
        linker = _linker(connection, tables, kinds, rules)
        progress("learning how often strangers agree", 0.1)
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=_SEED)
        progress("comparing", 0.5)
        # Probabilities come from the mixture below; here only how alike the values are.
        table = linker.inference.predict(warning_mode="never").physical_name
        scored = _Scored(connection, tables, table, linker.misc.save_model_to_json()["comparisons"])
        sizes = [len(values) for values in fields[0].values]
        all_pairs = sizes[0] * (sizes[0] - 1) / 2 if len(sizes) == 1 else float(sizes[0] * sizes[1])
        compared = _compared(scored, kinds)
        progress("learning how often the same person's records agree", 0.8)
        fitted = mixture.fit(compared, all_pairs)
        threshold, expected = choose_threshold(fitted.same)
        progress("explaining", 0.95)
        pairs = _pairs(scored, names, compared, fitted)
    chosen = [tuple(names[name].name for name in rule.columns) for rule in rules]
    return Linked(pairs, threshold, expected, len(fitted.same), chosen)


def choose_threshold(probabilities: Floats) -> tuple[float, float]:
    """The probability from which taking pairs gives the best F1 that the probabilities themselves promise.

    Returns:
        It, and how many pairs are expected to match.
    """
    expected = float(probabilities.sum())
    if not len(probabilities) or expected <= 0:
        return 0.5, 0.0
    falling = np.sort(probabilities)[::-1]
    taken = np.arange(1, len(falling) + 1)
    f1 = 2 * np.cumsum(falling) / (taken + expected)
    return float(max(falling[int(f1.argmax())], 0.5)), expected


def _arrow(names: dict[str, Field], table: int) -> pa.Table:
    columns: dict[str, Any] = {
        name: pa.array(field.values[table], pa.string()) for name, field in names.items()
    }
    count = len(next(iter(names.values())).values[table])
    return pa.table({"record": pa.array(range(count), pa.int64()), **columns})


def _linker(
    connection: duckdb.DuckDBPyConnection,
    tables: Sequence[str],
    kinds: Sequence[tuple[str, Kind]],
    rules: Sequence[blocking.Rule],
) -> Linker:
    link_type: Literal["dedupe_only", "link_only"] = "dedupe_only" if len(tables) == 1 else "link_only"
    settings = SettingsCreator(
        link_type,
        comparisons=[
            comparison(name, kind, [other for other in kinds if other[0] != name]) for name, kind in kinds
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule.columns) for rule in rules],
        unique_id_column_name="record",
        retain_intermediate_calculation_columns=True,
    )
    database = DuckDBAPI(connection)
    sources = [database.register(table, dataset_display_name=f"source_{table}") for table in tables]
    return Linker(sources, settings, log_level=logging.ERROR)


@dataclass(frozen=True)
class _Scored:
    """Splink's table of compared pairs, and its model's comparisons."""

    connection: duckdb.DuckDBPyConnection
    tables: Sequence[str]
    table: str
    model: Sequence[dict[str, Any]]


def _compared(scored: _Scored, kinds: Sequence[tuple[str, Kind]]) -> list[mixture.Compared]:
    """What the mixture needs of each column."""
    connection, tables = scored.connection, scored.tables
    by_name = {one["output_column_name"]: one["comparison_levels"] for one in scored.model}
    columns = []
    for name, kind in kinds:
        known = [level for level in by_name[name] if not level.get("is_null_level")][::-1]
        records = blocking.filled(connection, tables, name)
        others = f"CASE WHEN gamma_{name} = {len(known) - 1} THEN greatest(tf_{name}_l * {records} - 2, 0) ELSE 0 END"
        query = f"SELECT gamma_{name} AS level, CAST({others} AS DOUBLE) AS others FROM {scored.table}"  # noqa: S608
        rows = connection.execute(query).fetchnumpy()
        filled = blocking.filled_pairs(connection, tables, name)
        strangers = np.array([level.get("u_probability", _NEVER) for level in known]) * filled
        # A sample sees too few pairs that agree; all of them can be counted.
        strangers[-1] = blocking.agreeing(connection, tables, (name,))
        columns.append(
            mixture.Compared(
                levels=np.asarray(rows["level"], dtype=np.int16),
                others=np.asarray(rows["others"], dtype=np.float64),
                records=records,
                strangers=strangers,
                kind=kind,
            )
        )
    return columns


def _pairs(
    scored: _Scored, names: dict[str, Field], compared: Sequence[mixture.Compared], fitted: mixture.Fitted
) -> list[Pair]:
    labels = {one["output_column_name"]: _labels(one["comparison_levels"]) for one in scored.model}
    rows = scored.connection.execute(f"SELECT record_l, record_r FROM {scored.table}").fetchnumpy()  # noqa: S608
    worth = np.flatnonzero(fitted.same >= LEAST_PROBABILITY)
    pairs = []
    for at in worth[np.argsort(-fitted.same[worth], kind="stable")]:
        left, right = int(rows["record_l"][at]), int(rows["record_r"][at])
        evidence = tuple(
            Evidence(
                field.name,
                labels[name][int(column.levels[at])],
                field.values[0][left],
                field.values[-1][right],
                float(weights[at]),
            )
            for (name, field), column, weights in zip(names.items(), compared, fitted.weights, strict=True)
        )
        pairs.append(Pair(left, right, float(fitted.same[at]), float(fitted.household[at]), evidence))
    return pairs


def _labels(levels: Sequence[dict[str, Any]]) -> dict[int, str]:
    """What the values of a comparison's vector mean: the missing level is -1, the last level 0."""
    known = [level for level in levels if not level.get("is_null_level")]
    labels = {len(known) - 1 - at: level["label_for_charts"] for at, level in enumerate(known)}
    return {-1: MISSING, **labels}
