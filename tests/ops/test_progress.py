"""What the launcher shows: how long each step took, and how long the next one will take."""

import json
from io import StringIO
from pathlib import Path

import pytest

from ops.progress import Board, Step, duration, size


@pytest.fixture
def timings(tmp_path: Path) -> Path:
    return tmp_path / "timings.json"


def test_a_finished_step_is_a_line_with_its_time_and_result(timings: Path) -> None:
    shown = StringIO()
    with Board(timings, shown).step("install .venv") as step:
        step.result = "1.2 GB downloaded"
    assert shown.getvalue().split() == ["install", ".venv", "0.0", "s", "1.2", "GB", "downloaded"]


def test_the_time_of_a_step_is_the_estimate_of_the_next_run(timings: Path) -> None:
    timings.write_text(json.dumps({"train encoder": 83.0}))
    with Board(timings, StringIO()).step("train encoder", first_estimate=10) as step:
        step.say("epoch 3")
        assert str(step) == "train encoder 0.0 s of about 83.0 s: epoch 3"
    assert json.loads(timings.read_text())["train encoder"] < 83


def test_what_was_skipped_or_failed_is_no_measure(timings: Path) -> None:
    board = Board(timings, StringIO())
    with board.step("train encoder") as step:
        step.skip("unchanged")
    with pytest.raises(ValueError, match="broken"), board.step("migrate database"):
        raise ValueError("broken")
    assert not timings.exists()


def test_spoilt_timings_are_no_obstacle(timings: Path) -> None:
    timings.write_text("[")
    with Board(timings, StringIO()).step("start bot", first_estimate=20) as step:
        assert step.usual == 20


def test_without_an_estimate_none_is_shown() -> None:
    assert str(Step("start web", None)) == "start web 0.0 s"


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0.0 s"), (99.94, "99.9 s"), (125, "2 min 05 s")])
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 bytes"), (1500, "2 kB"), (84e6, "84 MB"), (2.61e9, "2.6 GB")]
)
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text
