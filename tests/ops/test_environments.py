"""Environments are made from locks: finished when interrupted, left alone when nothing changed."""

import shutil
import sys
import venv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from ops import environments
from ops.environments import Environment
from ops.errors import OpsError
from ops.jobs import JobFailed, Jobs
from ops.progress import Board


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment whose lock is empty, so that installing it needs no network."""
    lock, verified = tmp_path / "lock.txt", tmp_path / "verified.txt"
    lock.write_text("# nothing\n")
    verified.write_text("# nothing\n")
    return Environment(tmp_path / "venv", verified, (lock,), (), gigabytes=0.1, seconds=1)


def install(environment: Environment) -> str:
    """Ensure the environment and return what was shown."""
    shown = StringIO()
    board = Board(environment.folder.parent / "timings.json", shown)
    environments.ensure(environment, board, Jobs(), environment.folder.parent / "install.log")
    return shown.getvalue()


def mark_complete(environment: Environment) -> None:
    environment.python.parent.mkdir(parents=True, exist_ok=True)
    environment.python.touch()
    environment.stamp.write_text(environments.fingerprint(environment))


def test_an_environment_is_made_once_and_then_left_alone(environment: Environment) -> None:
    assert "install venv" in install(environment)
    assert environments.is_complete(environment)
    assert install(environment) == ""


def test_an_install_without_a_stamp_is_finished(environment: Environment) -> None:
    venv.create(environment.folder, with_pip=True)
    assert not environments.is_complete(environment)
    install(environment)
    assert environments.is_complete(environment)


def test_an_environment_whose_python_is_gone_is_made_anew(environment: Environment) -> None:
    install(environment)
    environment.python.unlink()
    environment.python.symlink_to("/nowhere/python3.11")
    install(environment)
    assert environments.is_complete(environment)


@pytest.mark.parametrize("changed", ["lock", "verified", "options"])
def test_what_an_environment_is_made_of_is_in_its_stamp(environment: Environment, changed: str) -> None:
    mark_complete(environment)
    assert environments.is_complete(environment)
    if changed == "lock":
        environment.locks[0].write_text("another==1.0\n")
    elif changed == "verified":
        environment.verified.write_text("another==1.0 --hash=sha256:00\n")
    else:
        environment = replace(environment, options=("--no-deps",))
    assert not environments.is_complete(environment)


def test_a_package_whose_install_was_interrupted_is_forgotten(environment: Environment) -> None:
    packages = environment.folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    for name in ("whole-1.0.dist-info", "half-1.0.dist-info"):
        (packages / name).mkdir(parents=True)
    (packages / "whole-1.0.dist-info" / "INSTALLER").write_text("pip\n")
    assert environments.drop_half_installed(environment.folder) == ["half-1.0.dist-info"]
    assert [path.name for path in packages.iterdir()] == ["whole-1.0.dist-info"]


def test_too_small_a_disk_is_told_before_the_install_with_what_is_needed() -> None:
    new = replace(environments.APP, folder=Path("/nowhere/.venv"))
    with pytest.raises(OpsError, match=r"5\.0 GB needed, 1\.2 GB free"):
        environments.check_space(new, free=1_200_000_000)


def test_a_disk_that_fills_up_is_told_as_such(tmp_path: Path) -> None:
    failure = JobFailed(
        "pip failed", ["ERROR: Could not install packages: [Errno 28] No space left on device"]
    )
    message = environments.explain(".venv", failure, 5.0, tmp_path / "log")
    assert message.startswith("The disk is full: installing .venv takes up to 5 GB.")


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        (["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."], "Do not use it"),
        (["Temporary failure in name resolution", "ERROR: Could not find a version"], "Check the network"),
        (["ERROR: No matching distribution found for torch==2.13.0"], "does not offer it"),
    ],
)
def test_a_failed_install_says_what_to_do(tmp_path: Path, output: list[str], advice: str) -> None:
    message = environments.explain(".venv", JobFailed("pip failed", output), 5.0, tmp_path / "log")
    assert advice in message
    assert "\n" not in message


def test_a_model_file_with_another_content_is_refused(environment: Environment) -> None:
    wheel = environment.folder.parent / "model-1.0-py3-none-any.whl"
    shutil.copy(environment.locks[0], wheel)
    environment.verified.write_text(f"model @ {wheel.as_uri()} --hash=sha256:{'0' * 64}\n")
    with pytest.raises(OpsError, match="Do not use it"):
        install(environment)
    assert not environments.is_complete(environment)
