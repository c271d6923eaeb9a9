"""How well duplicates are found that no label told of, on the public FEBRL data sets (made-up Australians).

The truth is in `rec_id`, which names the records and is never compared.
"""

import csv
import json
import platform
import re
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from profiles.linkage import files
from profiles.linkage.values import Kind

RESULTS = Path(__file__).parent / "results"
DATASETS = Path(__file__).parents[1].parent / "shared" / "datasets" / "febrl"
_PERSON = re.compile(r"rec-(\d+)-")

Pairs = set[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """A linkage whose truth is known."""

    name: str
    paths: list[Path]
    without: tuple[str, ...] = ()


def run(folder: Path) -> int:
    """Link, compare with the truth, print and keep the result."""
    if not (folder / "dataset3.csv").exists():
        Console(stderr=True).print(f"No FEBRL data sets in {folder}; name their folder with --datasets.")
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        cases = [
            Case("dataset3", [folder / "dataset3.csv"]),
            Case("dataset3 without soc_sec_id", [folder / "dataset3.csv"], ("soc_sec_id",)),
            Case("dataset2", [folder / "dataset2.csv"]),
            Case(
                "dataset1, originals and duplicates as two files",
                _halves(folder / "dataset1.csv", Path(scratch)),
            ),
        ]
        if (folder / "dataset4a.csv").exists():
            cases.append(Case("dataset4, two files", [folder / "dataset4a.csv", folder / "dataset4b.csv"]))
        result: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {"processor": platform.processor() or platform.machine(), "cores": psutil.cpu_count()},
            "load": round(psutil.getloadavg()[0], 1),
            "cases": {case.name: measure(case) for case in cases},
        }
    file = RESULTS / f"linkage-{datetime.now(UTC):%Y-%m-%d}.json"
    file.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    Console().print_json(json.dumps(result))
    return 0


def measure(case: Case) -> dict[str, Any]:
    """Quality at the threshold that was chosen without labels, and the seconds it took."""
    said: dict[str, Kind] = dict.fromkeys(case.without, "ignore")
    began, processor = time.perf_counter(), time.process_time()
    plan = files.plan(case.paths, said)
    linked = files.run(plan, lambda _what, _share: None)
    seconds, processor_seconds = time.perf_counter() - began, time.process_time() - processor
    found = {
        _pair(plan.names[0][pair.left], plan.names[-1][pair.right])
        for pair in linked.pairs
        if pair.probability >= linked.threshold
    }
    truth = _truth(plan.names)
    return {
        "records": sum(len(names) for names in plan.names),
        "pairs": len(truth),
        **scores(found, truth),
        "threshold": round(linked.threshold, 4),
        "compared": linked.compared,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor_seconds, 1),
    }


def scores(found: Pairs, truth: Pairs) -> dict[str, float]:
    """Precision, recall and F1."""
    right = len(found & truth)
    return {
        "f1": round(2 * right / (len(found) + len(truth)), 5),
        "precision": round(right / max(len(found), 1), 5),
        "recall": round(right / max(len(truth), 1), 5),
    }


def _truth(names: tuple[list[str], ...]) -> Pairs:
    if len(names) == 2:
        second = _by_person(names[1])
        return {_pair(one, other) for one in names[0] for other in second.get(_person(one), [])}
    return {_pair(*two) for group in _by_person(names[0]).values() for two in combinations(group, 2)}


def _by_person(names: Iterable[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_person(name), []).append(name)
    return groups


def _person(name: str) -> str:
    match = _PERSON.match(name)
    if match is None:
        raise ValueError("rec_id is not as in FEBRL")
    return match[1]


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _halves(path: Path, folder: Path) -> list[Path]:
    """Originals in one file and duplicates in another."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file, skipinitialspace=True))
    parts = []
    for name, keep in (("originals", True), ("duplicates", False)):
        part = folder / f"{name}.csv"
        with part.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *(row for row in rows if row[0].endswith("org") is keep)])
        parts.append(part)
    return parts
