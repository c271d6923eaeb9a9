"""`python -m profiles link`, as people run it."""

import sys
from pathlib import Path

import pytest

from profiles.__main__ import main
from tests.profiles.linkage.test_files import CUSTOMERS


def link(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path) -> int:
    monkeypatch.setattr(sys, "argv", ["profiles", "link", *map(str, arguments)])
    return main()


def test_the_guess_is_printed_and_the_pairs_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "pairs.csv"
    assert link(monkeypatch, "--input", CUSTOMERS, "--output", output, "--column", "Town=ignore") == 0
    said = capsys.readouterr()
    assert "Date of birth: date" in said.err
    assert "Town: ignore (not compared)" in said.err
    assert "pairs of the same person" in said.out
    assert output.read_text("utf-8").startswith("left,right,probability,same,explanation,weight_First name")


def test_what_is_wrong_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,name\n1\n", "utf-8")
    with pytest.raises(SystemExit, match=r"^profiles: people\.csv: line 2: 1 fields where the header has 2$"):
        link(monkeypatch, "--input", path, "--output", tmp_path / "pairs.csv")


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"No such file or directory: .*nowhere\.csv"):
        link(monkeypatch, "--input", tmp_path / "nowhere.csv", "--output", tmp_path / "pairs.csv")
