"""What a killed launcher left behind is found and ended, and nothing else is."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.errors import OpsError
from ops.processes import ProcessRecord, RunLock

_WITH_CHILD = (
    "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"
)


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def test_a_process_left_behind_is_ended_with_its_children(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _WITH_CHILD], stdout=subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    record = ProcessRecord(tmp_path / "processes.json")
    record.add("bot", parent.pid)
    assert record.end_stale() == ["bot"]
    parent.wait(5)
    child.wait(5)
    assert record.alive() == {}


def test_a_process_that_only_has_the_pid_of_an_old_one_is_left_alone(
    tmp_path: Path, sleeper: "subprocess.Popen[bytes]"
) -> None:
    file = tmp_path / "processes.json"
    file.write_text(json.dumps({"postgres": {"pid": sleeper.pid, "began": 1_000_000_000.0}}))
    assert ProcessRecord(file).end_stale() == []
    assert sleeper.poll() is None


def test_a_record_that_was_cut_off_is_no_obstacle(tmp_path: Path, sleeper: "subprocess.Popen[bytes]") -> None:
    file = tmp_path / "processes.json"
    file.write_text('{"web": {"pid"')
    record = ProcessRecord(file)
    assert record.end_stale() == []
    record.add("web", sleeper.pid)
    assert list(record.alive()) == ["web"]


def test_one_state_folder_has_one_launcher(tmp_path: Path) -> None:
    first, second = RunLock(tmp_path / "lock"), RunLock(tmp_path / "lock")
    first.take()
    with pytest.raises(OpsError, match="Rapport already runs"):
        second.take()
    first.release()
    second.take()
    second.release()


def test_the_lock_of_a_killed_launcher_is_free(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    code = f"""
import time
from pathlib import Path
from ops.processes import RunLock
lock = RunLock(Path({str(file)!r}))
lock.take()
print("taken", flush=True)
time.sleep(600)
"""
    launcher = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == b"taken\n"
    lock = RunLock(file)
    assert lock.holder() == launcher.pid
    launcher.kill()
    launcher.wait()
    assert lock.holder() is None
    lock.take()
    lock.release()
