"""`make up` as one types it, on a state folder and ports of its own: what it starts it also stops, whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.layout import CHECKOUT
from ops.ports import DEFAULTS, free_ports, is_taken, variable
from ops.processes import ProcessRecord

EVERYTHING = {"postgres", "redis", *DEFAULTS}
#: Bound of a start with nothing to install or train, in seconds.
READY_AGAIN = 45.0


class Launcher:
    """A `python -m ops up` in the background, its output read line by line."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.ports = free_ports(DEFAULTS)
        ports = {variable(name): str(port) for name, port in self.ports.items()}
        self.environment = {**os.environ, **ports, "RAPPORT_STATE": str(state)}
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []

    @property
    def running(self) -> "subprocess.Popen[str]":
        assert self.process is not None
        return self.process

    def start(self) -> float:
        """Start it, and return after how many seconds it gave the address to open."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ops", "up"],
            env=self.environment,
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.await_line(f"Open http://127.0.0.1:{self.ports['web']}")
        return time.monotonic() - began

    def await_line(self, beginning: str) -> None:
        for line in self.running.stdout or []:
            self.lines.append(line)
            if line.startswith(beginning):
                return
        pytest.fail(f"the launcher ended without {beginning!r}:\n{''.join(self.lines)}")

    def processes(self) -> list[psutil.Process]:
        """Everything that was started, children included."""
        alive = ProcessRecord(self.state / "processes.json").alive()
        assert set(alive) == EVERYTHING
        return [
            member for process in alive.values() for member in (process, *process.children(recursive=True))
        ]

    def end(self, word: signal.Signals) -> int:
        self.running.send_signal(word)
        self.running.communicate(timeout=60)
        return self.running.returncode

    def run(self, command: str) -> "subprocess.CompletedProcess[str]":
        """Another command on the same state folder, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "ops", command],
            env=self.environment,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def launcher(server_folder: Path, tmp_path: Path) -> Iterator[Launcher]:
    made = Launcher(server_folder / tmp_path.name)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGTERM)
    made.run("down")


def test_it_keeps_services_alive_and_ctrl_c_stops_everything(launcher: Launcher) -> None:
    launcher.start()
    assert launcher.run("status").returncode == 0
    again = launcher.run("up")
    assert again.returncode == 1
    assert again.stderr.startswith("Error: Rapport already runs from ")
    record = ProcessRecord(launcher.state / "processes.json")
    record.alive()["shop"].kill()
    launcher.await_line("shop ended: ")
    launcher.await_line("shop runs again.")
    started = launcher.processes()
    assert launcher.end(signal.SIGINT) == 0
    assert [process for process in started if process.is_running()] == []
    assert not any(is_taken(port) for port in launcher.ports.values())
    postgres = (launcher.state / "postgres" / "postgres.log").read_text()
    assert postgres.rstrip().endswith("database system is shut down")


def test_what_a_killed_launcher_leaves_behind_is_ended_by_the_next_which_is_ready_soon(
    launcher: Launcher,
) -> None:
    launcher.start()
    left = launcher.processes()
    launcher.end(signal.SIGKILL)
    assert all(process.is_running() for process in left)
    launcher.lines.clear()
    assert launcher.start() < READY_AGAIN
    assert any(line.strip().startswith("Stopped what an earlier run left behind") for line in launcher.lines)
    assert [process for process in left if process.is_running()] == []
    assert launcher.run("down").returncode == 0
    assert launcher.running.wait(30) == 0
