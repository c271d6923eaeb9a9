"""A whole report: the model, what it was judged on, and what to do next."""

import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nlu_models.card import figures
from nlu_models.report.part import Part
from nlu_models.report.summary import Pair, Source, most_confused
from nlu_models.runtime.model_folder import ModelFolder
from nlu_models.settings import ROOT
from nlu_models.training.dataset import Row


@dataclass(frozen=True)
class Model:
    """Facts of the model's card; None for what the card does not say.

    Attributes:
        promoted: whether it serves.
        data_is_present: whether it was trained on the data as they are now; otherwise it may have learnt from
            some of what is its test part now.
        rows: by head and part.
        megabytes: of the whole folder.
        points_lost: accuracy that the eight-bit model lacks against the 32-bit one.
    """

    model_id: str
    promoted: bool
    made_at: str | None
    data_hash: str | None
    data_is_present: bool
    base: str | None
    rows: dict[str, dict[str, int]]
    training_seconds: float | None
    megabytes: float | None
    points_lost: float | None
    intent_temperature: float
    sentiment_temperature: float
    margin: float


@dataclass(frozen=True)
class Report:
    """What the page shows, and the JSON holds.

    Attributes:
        machine: on which the speed was measured.
        pairs: the intents that are confused most over all parts.
    """

    made_at: str
    machine: str
    model: Model
    pairs: list[Pair]
    parts: list[Part]


def make_report(
    folder: ModelFolder, parts: Sequence[Part], rows: Sequence[Row], *, promoted: bool, data_hash: str
) -> Report:
    """Put the judged parts together.

    Args:
        rows: the utterances of all intents as they are now, to say where to write more.
        data_hash: of the data as they are now.
    """
    return Report(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        model=model_of(folder, promoted=promoted, data_hash=data_hash),
        pairs=most_confused(parts, sources_of(rows)),
        parts=list(parts),
    )


def model_of(folder: ModelFolder, *, promoted: bool, data_hash: str) -> Model:
    """What the card says of the model."""
    card = folder.card
    numbers = figures(folder.path, card)
    base = card.get("base", {})
    eight_bits = card.get("metrics", {}).get("int8", {})
    return Model(
        model_id=folder.model_id,
        promoted=promoted,
        made_at=card.get("made_at"),
        data_hash=card.get("data_hash"),
        data_is_present=card.get("data_hash") == data_hash,
        base=base.get("name"),
        rows=card.get("rows", {}),
        training_seconds=numbers["training_seconds"],
        megabytes=numbers["megabytes"],
        points_lost=eight_bits.get("points_lost") if isinstance(eight_bits, dict) else None,
        intent_temperature=folder.intent_temperature,
        sentiment_temperature=folder.sentiment_temperature,
        margin=folder.thresholds.margin,
    )


def sources_of(rows: Sequence[Row]) -> dict[str, Source]:
    """How many utterances each label has, and in which files."""
    by_label: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_label[row.label].append(row)
    return {
        label: Source(len(found), tuple(sorted({_shown(row.file) for row in found})))
        for label, found in by_label.items()
    }


def _shown(file: Path) -> str:
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else file.name
