"""The benchmark's own arithmetic, and what it says when data are missing. The long runs are kept in bench/results."""

import json
from pathlib import Path

import pytest
import spacy

from nlu_models import settings
from nlu_models.__main__ import main
from nlu_models.benchmark import restaurant8k
from nlu_models.benchmark.bars import BARS, Bar
from nlu_models.benchmark.bundled import Bundled, measure_bundled, percentiles
from nlu_models.benchmark.files import NoDataError, check_data, read_clinc, read_parallel
from nlu_models.benchmark.results import RESULTS, keep, show
from nlu_models.commands.benchmark import PARTS
from nlu_models.registry import Registry
from nlu_models.report.held_out import HeldOut, HeldOutRow
from nlu_models.runtime import Models
from nlu_models.runtime.model_folder import CARD_FILE
from nlu_models.training.dataset import read_dataset
from nlu_models.training.ner import FittedNer, Span
from nlu_models.training.split import Parts, Split
from tests.bot.tiny_encoder import write

#: Of a tiny encoder: of the messages "hello", "thanks" and of any other one.
INTENTS = ["track_order", "cancel_order", "out_of_scope"]


def test_a_figure_reaches_its_goal_or_its_bar_or_misses() -> None:
    higher = Bar("accuracy", "part", ("accuracy",), 90.0, 95.0)
    assert [higher.verdict(value) for value in (96.0, 95.0, 92.0, 89.9)] == ["goal", "goal", "bar", "missed"]
    lower = Bar("p95", "part", ("p95",), 3.0, 2.0, least=False)
    assert [lower.verdict(value) for value in (1.0, 2.5, 3.1)] == ["goal", "bar", "missed"]
    only_reported = Bar("auroc", "part", ("auroc",), None, 0.9)
    assert only_reported.verdict(0.1) == "bar"


def test_every_bar_is_of_a_part_that_can_be_run() -> None:
    assert {bar.part for bar in BARS} <= set(PARTS)


def test_kept_results_hold_the_figures_that_the_bars_ask_for() -> None:
    newest = max(RESULTS.glob("nlu-*.json"))
    results = json.loads(newest.read_text(encoding="utf-8"))
    assert [bar.what for bar in BARS if bar.part in results and bar.value(results) is None] == []


def test_a_missed_bar_shows_in_the_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    assert show({"bundled": {"intent_accuracy": 99.0}})
    assert not show({"bundled": {"intent_accuracy": 10.0}})
    assert "missed" in capsys.readouterr().out


def test_results_of_a_day_are_kept_together_and_replaced_part_by_part(tmp_path: Path) -> None:
    file = keep("banking77", {"accuracy": 1.0}, tmp_path)
    keep("clinc150", {"accuracy": 2.0}, tmp_path)
    keep("banking77", {"accuracy": 3.0}, tmp_path)
    results = json.loads(file.read_text())
    assert {part: result["accuracy"] for part, result in results.items()} == {
        "banking77": 3.0,
        "clinc150": 2.0,
    }
    assert all("cores" in result["machine"] and result["at"] for result in results.values())
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_percentiles_are_of_the_sample() -> None:
    assert percentiles([float(number) for number in range(101)]) == {"p50": 50.0, "p95": 95.0}


def test_missing_data_are_named_with_the_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NoDataError, match="nowhere"):
        check_data(tmp_path / "nowhere")
    assert main(["benchmark", "banking77", "--data", str(tmp_path / "nowhere")]) == 1
    assert "--data" in capsys.readouterr().err
    assert main(["benchmark", "mnist"]) == 1
    assert "no part mnist" in capsys.readouterr().err


def test_public_files_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "seq.in").write_text("one\ntwo\n")
    (tmp_path / "label").write_text("a\nb\n")
    assert [(row.text, row.label, row.line) for row in read_parallel(tmp_path)] == [
        ("one", "a", 1),
        ("two", "b", 2),
    ]
    (tmp_path / "data.json").write_text(
        json.dumps({"oos_test": [["why", "oos"]], "test": [["hi", "greeting"]]})
    )
    assert read_clinc(tmp_path / "data.json", "oos_test")[0].label == "out_of_scope"
    assert read_clinc(tmp_path / "data.json", "test")[0].label == "greeting"


def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_hash: str) -> Path:
    """Let a tiny encoder serve that learnt from data of this hash; its folder."""
    monkeypatch.setenv("RAPPORT_CACHE", str(tmp_path / "cache"))
    registry = Registry.of_environment()
    folder = registry.models / "served"
    write(folder, folder.name, INTENTS)
    intents = {"calibration_error_before": 0.2, "calibration_error": 0.1}
    card = json.loads((folder / CARD_FILE).read_text()) | {
        "data_hash": data_hash,
        "training_seconds": 100.0,
        "metrics": {"intents": intents, "int8": {"points_lost": 0.0}},
    }
    (folder / CARD_FILE).write_text(json.dumps(card))
    registry.promote(folder.name, None)
    return folder


@pytest.mark.parametrize("part", ["bundled", "diet"])
def test_a_model_of_other_data_is_not_measured(
    folders: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    part: str,
) -> None:
    serve(tmp_path, monkeypatch, "of other data")
    monkeypatch.setattr("nlu_models.benchmark.results.RESULTS", tmp_path / "results")
    assert main(["--nlu", str(folders[0]), "--sentiment", str(folders[1]), "benchmark", part]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("nlu_models: served serves, which was trained on other data than these")
    assert not (tmp_path / "results").exists()


def test_unreadable_held_out_messages_are_one_line(
    folders: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    serve(tmp_path, monkeypatch, read_dataset(*folders).content_hash())
    kept = tmp_path / "held_out"
    kept.mkdir()
    (kept / "one.yml").write_text("nlu:\n- intent: track_order\n")
    monkeypatch.setattr("nlu_models.report.held_out.HELD_OUT", kept)
    assert main(["--nlu", str(folders[0]), "--sentiment", str(folders[1]), "benchmark", "bundled"]) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"nlu_models: {kept / 'one.yml'}: a block needs its label")


def test_scope_is_measured_on_both_sets_of_messages_and_calibration_before_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Models.load(serve(tmp_path, monkeypatch, ""), settings.CATALOGUE)

    def messages(*labelled: tuple[str, str]) -> HeldOut:
        rows = [HeldOutRow(text, label) for text, label in labelled]
        return HeldOut(rows, [HeldOutRow("hello", "neutral")])

    held_out = messages(("hello", "track_order"), ("thanks", "track_order"), ("what", "out_of_scope"))
    fresh = messages(("hello", "track_order"), ("hello", "out_of_scope"), ("what", "out_of_scope"))
    nothing = Split([], [], [])
    found = measure_bundled(Bundled(models, held_out, fresh, Parts(nothing, nothing, (), ())))
    assert found["scope"] == {"in_scope_served_rightly": 50.0, "out_of_scope_refused": 100.0}
    assert found["fresh"]["scope"] == {"in_scope_served_rightly": 100.0, "out_of_scope_refused": 50.0}
    assert (found["calibration_error_before"], found["calibration_error"]) == (0.2, 0.1)
    assert [bar.what for bar in BARS if bar.part == "bundled" and bar.value({"bundled": found}) is None] == []


def test_training_that_takes_more_than_four_minutes_misses_its_bar() -> None:
    assert show({"bundled": {"training_seconds": 240.0}})
    assert not show({"bundled": {"training_seconds": 240.1}})


def test_the_spans_of_restaurant8k_are_of_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turn = {
        "userInput": {"text": "two please"},
        "labels": [{"slot": "people", "valueSpan": {"endIndex": 3}}],
    }
    for file in ("train_0.json", "test.json"):
        (tmp_path / file).write_text(json.dumps([turn]))
    fitted = FittedNer(spacy.blank("en"), f1=0.5, best_epoch=1, epochs=1, seconds=1.0)
    monkeypatch.setattr(restaurant8k, "fit_ner", lambda *_, **__: fitted)
    monkeypatch.setattr(restaurant8k, "find_spans", lambda _, row: [Span(0, len("two"), "people")])
    result = restaurant8k.run(tmp_path)
    assert result["runs"] == 1
    assert result["test"]["all"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "spans": 1}
