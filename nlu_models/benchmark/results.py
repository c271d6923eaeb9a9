"""The file of results: one a day, a part measured again replaces itself."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from nlu_models.benchmark.bars import BARS
from nlu_models.benchmark.bundled import machine
from nlu_models.settings import ROOT

RESULTS = ROOT / "bench" / "results"


def keep(part: str, result: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Add the result of a part to the file of today."""
    now = datetime.now(UTC)
    file = folder / f"nlu-{now:%Y-%m-%d}.json"
    folder.mkdir(parents=True, exist_ok=True)
    results = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    results[part] = result | {"at": now.isoformat(timespec="seconds"), "machine": machine()}
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    partial.replace(file)
    return file


def show(results: dict[str, Any]) -> bool:
    """Print each figure beside its bar and goal; returns whether none misses its bar."""
    table = Table(title=f"Measured on {machine()}", title_justify="left")
    table.add_column("what", overflow="fold")
    for column in ("measured", "bar", "goal", "reached"):
        table.add_column(column, justify="right")
    reached = True
    for bar in BARS:
        value = bar.value(results)
        if value is not None:
            verdict = bar.verdict(value)
            reached = reached and verdict != "missed"
            table.add_row(
                bar.what, f"{value:g}", "-" if bar.bar is None else f"{bar.bar:g}", f"{bar.goal:g}", verdict
            )
    Console().print(table)
    return reached
