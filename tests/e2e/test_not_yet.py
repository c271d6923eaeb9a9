"""Marks of what does not go right yet (no system is needed here)."""

import subprocess
import sys
from pathlib import Path

_TESTS = """
from tests.e2e.not_yet import not_yet

@not_yet("shops are closed")
def test_mended(): pass

@not_yet("rain")
def test_failing(): assert False

@not_yet("fog")
def test_broken(): {}["nothing"]
"""


def _run(folder: Path, chosen: str) -> tuple[int, str]:
    file = folder / "test_weather.py"
    file.write_text(_TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.e2e.not_yet", "-p", "no:cacheprovider"]
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [*command, f"{file}::{chosen}"], cwd=root, capture_output=True, text=True, check=False
    )
    return run.returncode, run.stdout


def test_one_that_passes_is_named_with_its_reason_and_fails_nothing(tmp_path: Path) -> None:
    code, told = _run(tmp_path, "test_mended")
    assert code == 0
    assert "marked as NOT_YET, but passed" in told
    assert "test_mended: shops are closed" in told


def test_one_that_fails_is_passed_over_in_silence(tmp_path: Path) -> None:
    code, told = _run(tmp_path, "test_failing")
    assert code == 0
    assert "but passed" not in told


def test_any_other_error_than_a_failed_assertion_is_one(tmp_path: Path) -> None:
    assert _run(tmp_path, "test_broken")[0] == 1
