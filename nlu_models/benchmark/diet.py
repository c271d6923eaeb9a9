"""Our understanding beside stock Rasa's, on the same utterances and the same held-out messages, one after the other."""

import json
import os
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from nlu_models.benchmark.bundled import Bundled, percentiles, timed
from nlu_models.settings import ROOT
from nlu_models.training.dataset import Row

RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"

#: Of the hundred of `rasa init`, which take more than an hour on two cores with these utterances. After 25 it names
#: 98 % of the utterances that it learns from; a message takes the same time however many there were.
EPOCHS = 25

#: The pipeline that `rasa init` uses when its configuration names none, without the parts that make no intent.
STOCK_CONFIG = f"""\
recipe: default.v1
language: en
assistant_id: stock
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {EPOCHS}
    constrain_similarities: true
"""


class DietError(OSError):
    """Stock Rasa could not be measured; the message holds the end of what it said."""


def measure_diet(bundled: Bundled, folder: Path) -> dict[str, Any]:
    """Accuracy on the held-out messages and milliseconds a message of both; DIET also learns from the rows on which
    ours chooses its settings.

    Raises:
        DietError: Rasa's environment is missing, or its training failed.
    """
    messages = [row.text for row in bundled.held_out.intents]
    truth = [row.label for row in bundled.held_out.intents]
    stock = _run_stock([*bundled.parts.intents.train, *bundled.parts.intents.validation], messages, folder)
    understood, of_encoder = timed(bundled.models.encoder.understand, messages)
    _, of_entities = timed(bundled.models.entities.extract, messages)
    ours = [a + b for a, b in zip(of_encoder, of_entities, strict=True)]
    accuracy = _accuracy([found.intent for found in understood], truth)
    stock_accuracy = _accuracy([found["intent"] for found in stock["found"]], truth)
    stock_times = percentiles([found["milliseconds"] for found in stock["found"]])
    our_times = percentiles(ours)
    return {
        "accuracy": {"ours": accuracy, "stock": stock_accuracy},
        "points_above": round(accuracy - stock_accuracy, 2),
        "milliseconds": {"ours": our_times, "encoder": percentiles(of_encoder), "stock": stock_times},
        # The stock pipeline is not shown any entities, and looks for none.
        "times_faster": round(stock_times["p50"] / percentiles(of_encoder)["p50"], 2),
        "times_faster_with_entities": round(stock_times["p50"] / our_times["p50"], 2),
        "training_seconds": {
            "ours": bundled.models.encoder.folder.card["training_seconds"],
            "stock": round(stock["seconds"], 1),
        },
        "stock_epochs": EPOCHS,
        "messages": len(messages),
        "runs": 1,
    }


def _run_stock(rows: list[Row], messages: list[str], folder: Path) -> dict[str, Any]:
    if not RASA_PYTHON.is_file():
        raise DietError(f"{RASA_PYTHON} is missing: `make setup` installs Rasa's environment")
    by_label: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_label[row.label].append(" ".join(row.text.split()))
    blocks = [
        {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)}
        for label, texts in by_label.items()
    ]
    (folder / "nlu.yml").write_text(
        yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), encoding="utf-8"
    )
    (folder / "config.yml").write_text(STOCK_CONFIG, encoding="utf-8")
    (folder / "messages.json").write_text(json.dumps(messages), encoding="utf-8")
    command = [str(RASA_PYTHON), str(ROOT / "bench" / "diet_in_rasa.py"), str(folder)]
    environment = os.environ | {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise DietError(f"stock Rasa failed:\n{done.stderr[-2000:]}")
    found: dict[str, Any] = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    return found


def _accuracy(found: list[str], truth: list[str]) -> float:
    return round(100 * float(np.mean([a == b for a, b in zip(found, truth, strict=True)])), 2)
