"""The commands as one types them: what goes wrong is one line on standard error, and the code is not 0."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.layout import CHECKOUT
from ops.ports import DEFAULTS, free_ports, variable
from ops.processes import ProcessRecord


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ports = {variable(name): str(port) for name, port in free_ports(DEFAULTS).items()}
    # The cache is the usual one: nothing here gets as far as training.
    return {**os.environ, **ports, "RAPPORT_STATE": str(tmp_path / "state")}


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def ops(environment: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ops", *words]
    return subprocess.run(
        command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_port_in_use_stops_the_launcher_with_one_line(
    environment: dict[str, str], taken_port: int, tmp_path: Path
) -> None:
    done = ops({**environment, "RAPPORT_BOT_PORT": str(taken_port)}, "up")
    assert done.returncode == 1
    assert re.fullmatch(
        rf"Error: Port {taken_port}, where bot listens, is in use by .*process {os.getpid()}\. Stop .*\n",
        done.stderr,
    )
    assert ProcessRecord(tmp_path / "state" / "processes.json").alive() == {}


def test_a_database_of_ones_own_that_does_not_answer_is_named_without_its_password(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (port,) = free_ports(["postgres"]).values()
    done = ops({**environment, "DATABASE_URL": f"postgresql://me:hidden@127.0.0.1:{port}/shop"}, "up")
    assert done.returncode == 1
    assert re.fullmatch(r"Error: DATABASE_URL .*\n", done.stderr)
    assert "hidden" not in done.stderr
    assert ProcessRecord(tmp_path / "state" / "processes.json").alive() == {}


def test_a_redis_of_ones_own_that_does_not_answer_is_named(environment: dict[str, str]) -> None:
    (port,) = free_ports(["redis"]).values()
    done = ops({**environment, "REDIS_URL": f"redis://:hidden@127.0.0.1:{port}/0"}, "up")
    assert done.returncode == 1
    assert re.fullmatch(r"Error: REDIS_URL .*\n", done.stderr)
    assert "hidden" not in done.stderr


def test_status_tells_by_its_code_that_nothing_runs(environment: dict[str, str]) -> None:
    done = ops(environment, "status")
    assert done.returncode == 1
    assert done.stdout.count("not running") == len(DEFAULTS) + 2


def test_down_has_nothing_to_do_when_nothing_runs(environment: dict[str, str]) -> None:
    done = ops(environment, "down")
    assert (done.returncode, done.stdout) == (0, "Nothing runs.\n")


def test_replay_says_how_it_is_used(environment: dict[str, str]) -> None:
    done = ops(environment, "replay", "")
    assert done.returncode == 1
    assert "make replay FILE=" in done.stderr


@pytest.mark.parametrize("python", ["", "/bin/false"])
def test_make_needs_python_3_11_and_says_so(tmp_path: Path, python: str) -> None:
    """On a PATH with only another Python, or none."""
    for tool in ("sh", "echo", "make"):
        (tmp_path / tool).symlink_to(subprocess.check_output(["which", tool], text=True).strip())
    if python:
        (tmp_path / "python3").symlink_to(python)
    done = subprocess.run(
        [str(tmp_path / "make"), "-C", str(CHECKOUT), "up"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode != 0
    assert done.stderr.startswith("Error: Python 3.11 is needed")
