"""Learns the weights of agreement without labels, and scores pairs of records by them."""

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from profiles.linkage import blocking
from profiles.linkage.comparisons import MISSING, comparison
from profiles.linkage.values import Kind

#: Pairs that are less probable are not given.
LEAST_PROBABILITY = 0.05
SAMPLED_PAIRS = 1_000_000
_SEED = 20261122
_TRAINING_RULES = 4
_TRAINING_PAIRS = 5_000_000
_ITERATIONS = 60
#: A log2 probability ratio that the prior is held below: some pairs of any table are not matches.
_CERTAIN = 40.0

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
    probability: float
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
        _learn(linker, rules, progress)
        progress("comparing", 0.7)
        scored = linker.inference.predict(threshold_match_probability=None).physical_name
        prior = _prior_weight(linker)
        rows = connection.execute(f"SELECT match_weight FROM {scored}").fetchnumpy()  # noqa: S608
        evidence = np.asarray(rows["match_weight"], dtype=np.float64) - prior
        sizes = [len(values) for values in fields[0].values]
        all_pairs = sizes[0] * (sizes[0] - 1) / 2 if len(sizes) == 1 else float(sizes[0] * sizes[1])
        ratio = learn_ratio(evidence, all_pairs)
        probabilities = _probability(evidence + ratio)
        threshold, expected = choose_threshold(probabilities)
        progress("explaining", 0.9)
        pairs = _pairs(connection, scored, linker, names, ratio - prior)
    chosen = [tuple(names[name].name for name in rule.columns) for rule in rules]
    return Linked(pairs, threshold, expected, len(evidence), chosen)


def learn_ratio(evidence: Floats, all_pairs: float) -> float:
    """log2 of matches to others among all pairs, so that the probabilities that follow from it add up to it.

    Only pairs that agree on something are given; the others are taken for no matches.
    """
    ratio = -np.log2(max(all_pairs, 2.0))
    for _ in range(200):
        share = min(_probability(evidence + ratio).sum() / max(all_pairs, 1.0), 0.999)
        if share <= 0:
            return float(-_CERTAIN)
        following = max(np.log2(share / (1 - share)), -_CERTAIN)
        if abs(following - ratio) < 1e-6:
            break
        ratio = following
    return float(ratio)


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


def _probability(weight: Floats) -> Floats:
    return 1 / (1 + np.exp2(-np.clip(weight, -500, 500)))


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
        max_iterations=_ITERATIONS,
        retain_intermediate_calculation_columns=True,
    )
    database = DuckDBAPI(connection)
    sources = [database.register(table, dataset_display_name=f"source_{table}") for table in tables]
    return Linker(sources, settings, log_level=logging.ERROR)


def _learn(linker: Linker, rules: Sequence[blocking.Rule], progress: Progress) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        progress("learning how often strangers agree", 0.1)
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=_SEED)
        training = _training_rules(rules)
        for number, rule in enumerate(training):
            progress("learning how often the same person's records agree", 0.4 + 0.3 * number / len(training))
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule.columns), max_pairs=_TRAINING_PAIRS
            )


def _training_rules(rules: Sequence[blocking.Rule]) -> list[blocking.Rule]:
    """The narrowest rules, whose pairs are matches most often, that have no column in common."""
    chosen: list[blocking.Rule] = []
    for rule in rules:
        if all(set(rule.columns).isdisjoint(one.columns) for one in chosen):
            chosen.append(rule)
    return chosen[:_TRAINING_RULES]


def _prior_weight(linker: Linker) -> float:
    prior: float = linker.misc.save_model_to_json()["probability_two_random_records_match"]
    return float(np.log2(prior / (1 - prior)))


def _pairs(
    connection: duckdb.DuckDBPyConnection,
    scored: str,
    linker: Linker,
    names: dict[str, Field],
    shift: float,
) -> list[Pair]:
    labels = {
        one["output_column_name"]: _labels(one["comparison_levels"])
        for one in linker.misc.save_model_to_json()["comparisons"]
    }
    least = np.log2(LEAST_PROBABILITY / (1 - LEAST_PROBABILITY)) - shift
    query = f"SELECT * FROM {scored} WHERE match_weight >= ? ORDER BY match_weight DESC, record_l, record_r"  # noqa: S608
    cursor = connection.execute(query, [float(least)])
    header = [column[0] for column in cursor.description or []]
    pairs = []
    while rows := cursor.fetchmany(10_000):
        for cells in rows:
            row = dict(zip(header, cells, strict=True))
            evidence = tuple(_evidence(row, name, field.name, labels[name]) for name, field in names.items())
            probability = float(_probability(np.float64(row["match_weight"] + shift)))
            pairs.append(Pair(row["record_l"], row["record_r"], probability, evidence))
    return pairs


def _labels(levels: Sequence[dict[str, Any]]) -> dict[int, str]:
    """What the values of a comparison's vector mean: the missing level is -1, the last level 0."""
    known = [level for level in levels if not level.get("is_null_level")]
    labels = {len(known) - 1 - at: level["label_for_charts"] for at, level in enumerate(known)}
    return {-1: MISSING, **labels}


def _evidence(row: dict[str, Any], name: str, column: str, labels: dict[int, str]) -> Evidence:
    weight = row[f"mw_{name}"] + (row.get(f"mw_tf_adj_{name}") or 0.0)
    return Evidence(column, labels[row[f"gamma_{name}"]], row[f"{name}_l"], row[f"{name}_r"], float(weight))
