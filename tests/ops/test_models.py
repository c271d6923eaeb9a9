"""Models are kept by content: the same input is never trained twice, any other input is."""

import os
from io import StringIO
from pathlib import Path

import pytest

from ops import models
from ops.errors import OpsError
from ops.jobs import JobFailed, Jobs
from ops.models import content_hash, train_encoder
from ops.progress import Board

PATTERNS = ("config.yml", "data/**/*.yml")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "config.yml").write_text("policies: []\n")
    (tmp_path / "data" / "nlu" / "greet.yml").write_text("- hello\n")
    return tmp_path


def test_the_hash_is_that_of_the_content_alone(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    for name in ("data/nlu/greet.yml", "config.yml"):
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        (other / name).write_bytes((checkout / name).read_bytes())
    assert content_hash(checkout, PATTERNS) == content_hash(other, PATTERNS)


def test_files_that_are_no_input_do_not_count(checkout: Path) -> None:
    before = content_hash(checkout, PATTERNS)
    (checkout / "README.md").write_text("words")
    assert content_hash(checkout, PATTERNS) == before


@pytest.mark.parametrize("change", ["content", "name", "new file"])
def test_any_change_of_the_input_counts(checkout: Path, change: str) -> None:
    before = content_hash(checkout, PATTERNS)
    file = checkout / "data" / "nlu" / "greet.yml"
    if change == "content":
        file.write_text("- hallo\n")
    elif change == "name":
        file.rename(file.with_name("greeting.yml"))
    else:
        file.with_name("bye.yml").write_text("")
    assert content_hash(checkout, PATTERNS) != before


def test_missing_input_is_an_error(checkout: Path) -> None:
    (checkout / "config.yml").unlink()
    with pytest.raises(OpsError, match=r"Nothing matches config\.yml"):
        content_hash(checkout, PATTERNS)


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in place of the interpreter that trains."""
    script = tmp_path / "python"
    monkeypatch.setattr(models, "APP_PYTHON", script)
    return script


def _train(tmp_path: Path) -> str:
    shown = StringIO()
    board = Board(tmp_path / "timings.json", shown)
    environment = {"PATH": os.environ["PATH"]}
    train_encoder(board, Jobs(), environment, tmp_path / "encoder.json", tmp_path / "train.log")
    return shown.getvalue()


def _write(script: Path, *lines: str) -> None:
    script.write_text("\n".join(("#!/bin/sh", *lines)))
    script.chmod(0o755)


def test_the_encoder_is_trained_for_the_registry_of_this_installation(python: Path, tmp_path: Path) -> None:
    _write(python, 'echo "$* for $RAPPORT_ENCODER_REGISTRY"', "echo encoder: trained in 90 s")
    _train(tmp_path)
    assert (tmp_path / "train.log").read_text().splitlines()[0] == (
        f"-m nlu_models train for {tmp_path / 'encoder.json'}"
    )


def test_an_encoder_that_need_not_be_trained_is_said_to_be_unchanged_and_which_one_serves(
    python: Path, tmp_path: Path
) -> None:
    _write(python, "echo encoder: up to date, /cache/abc", "echo encoder: abc serves")
    assert "unchanged, abc serves" in _train(tmp_path)


def test_what_is_wrong_with_the_data_reaches_the_operator(python: Path, tmp_path: Path) -> None:
    _write(python, "echo greet.yml:3: empty utterance, an error", "exit 1")
    with pytest.raises(JobFailed, match=r"Training the encoder failed: greet\.yml:3: empty utterance"):
        _train(tmp_path)
