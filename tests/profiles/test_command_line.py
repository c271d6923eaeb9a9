"""`python -m profiles`: which commands there are, and that one does not wait for the libraries of the others."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from profiles import commands
from profiles.__main__ import main
from profiles.commands import COMMANDS, add_parsers

FOLDER = Path(commands.__file__).parent


def offered(asked: str | None) -> list[str]:
    subparsers = argparse.ArgumentParser().add_subparsers()
    add_parsers(subparsers, asked)
    return list(subparsers.choices)


def test_each_file_that_describes_a_command_is_one() -> None:
    describing = {
        file.stem
        for file in FOLDER.glob("[a-z]*.py")
        if "def add_parser(" in file.read_text(encoding="utf-8")
    }
    assert set(COMMANDS.values()) == describing


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_the_name_that_it_is_asked_by(name: str) -> None:
    assert offered(name) == [name]


@pytest.mark.parametrize("asked", [None, "--help", "nothing-like-it"])
def test_whoever_asks_for_no_known_command_is_offered_all(asked: str | None) -> None:
    assert offered(asked) == list(COMMANDS)


def test_a_mistake_is_one_line_and_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "segments.yml"
    file.write_text("segments: [", encoding="utf-8")
    monkeypatch.setattr("profiles.commands.check.SEGMENTS_FILE", file)
    monkeypatch.setattr(sys, "argv", ["profiles", "check"])
    with pytest.raises(SystemExit, match=r"^profiles: segments\.yml: not YAML: "):
        main()


def test_loading_customers_does_not_wait_for_servers_and_reports() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "profiles", "load", "--help"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.rsplit("|", 1)[-1].strip() for line in run.stderr.splitlines()}
    assert "profiles.bulk" in imported
    assert not imported & {"fastapi", "faststream", "uvicorn", "pyarrow", "jinja2", "authlib", "ibis"}
