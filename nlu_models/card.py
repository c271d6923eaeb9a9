"""The figures of a model's card by which people compare models."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A figure and how it is written.

    Attributes:
        name: in JSON.
        title: in tables, two short words. F1 is the mean over the labels; ECE the expected calibration error of the
            intents after calibration; scope recall the share of messages out of scope that are refused.
        path: of the value in the card.
        written: the text of a value.
    """

    name: str
    title: str
    path: tuple[str, ...]
    written: Callable[[float], str]

    def shown(self, value: float | None) -> str:
        """The text of a value, a dash for none."""
        return "-" if value is None else self.written(value)


def _percent(value: float) -> str:
    return f"{value:.1%}"


FIGURES = (
    Figure("intent_accuracy", "intent acc.", ("metrics", "intents", "accuracy"), _percent),
    Figure("intent_macro_f1", "intent F1", ("metrics", "intents", "macro_f1"), _percent),
    Figure("sentiment_macro_f1", "mood F1", ("metrics", "sentiments", "macro_f1"), _percent),
    Figure("calibration_error", "ECE", ("metrics", "intents", "calibration_error"), "{:.3f}".format),
    Figure(
        "out_of_scope_recall",
        "scope recall",
        ("metrics", "scope", "out_of_scope_recall"),
        _percent,
    ),
    Figure("rows", "data rows", (), "{:,.0f}".format),
    Figure("training_seconds", "train time", ("training_seconds",), "{:.0f} s".format),
    Figure("megabytes", "disk size", (), "{:.0f} MB".format),
)


def figures(folder: Path, card: dict[str, Any]) -> dict[str, float | None]:
    """The figures of a model by name; None for one that its card does not hold.

    `rows` are all rows of both heads, those of validation and test included; `megabytes` is the whole folder.
    """
    found = {figure.name: _number(card, figure.path) for figure in FIGURES}
    found["rows"] = _rows(card)
    found["megabytes"] = round(
        sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1
    )
    return found


def _number(card: dict[str, Any], path: tuple[str, ...]) -> float | None:
    value: Any = card
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) else None


def _rows(card: dict[str, Any]) -> float | None:
    rows = card.get("rows")
    if not isinstance(rows, dict):
        return None
    return float(sum(size for part in rows.values() if isinstance(part, dict) for size in part.values()))
