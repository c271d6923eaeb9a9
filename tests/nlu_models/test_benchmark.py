"""The benchmark's own arithmetic, and what it says when data are missing. The long runs are kept in bench/results."""

import json
from pathlib import Path

import pytest

from nlu_models.__main__ import main
from nlu_models.benchmark.bars import BARS, Bar
from nlu_models.benchmark.bundled import percentiles
from nlu_models.benchmark.files import NoDataError, check_data, read_clinc, read_parallel
from nlu_models.benchmark.results import RESULTS, keep, show
from nlu_models.commands.benchmark import PARTS


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
