"""A service is started, watched and ended as a whole; one that can't start says why in one line."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ops.errors import OpsError
from ops.ports import free_port
from ops.processes import ProcessRecord
from ops.service import Service, ServiceSpec
from ops.watch import RESTARTS, Watch

_SERVER = """
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
http.server.HTTPServer(("127.0.0.1", FREE), Handler).serve_forever()
"""


_CHILD = """
import subprocess
subprocess.Popen(["sleep", "600"], start_new_session=START_NEW_SESSION)
"""


def service(tmp_path: Path, code: str, seconds: float = 20) -> Service:
    port = free_port()
    spec = ServiceSpec(
        "bot",
        [sys.executable, "-c", code.replace("FREE", str(port))],
        {},
        f"http://127.0.0.1:{port}",
        seconds,
    )
    return Service(spec, tmp_path / "logs", ProcessRecord(tmp_path / "processes.json"))


def crash(crashing: Service) -> None:
    """Kill the first process alone, and return when it is dead (but leave its code to whoever asks)."""
    pid = crashing.pid
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Service]:
    started = service(tmp_path, _SERVER)
    started.start()
    yield started
    started.stop()


@pytest.mark.parametrize("leaves_the_group", [False, True])
def test_stopping_ends_the_children_too(tmp_path: Path, leaves_the_group: bool) -> None:
    parent = service(tmp_path, _CHILD.replace("START_NEW_SESSION", str(leaves_the_group)) + _SERVER)
    parent.start()
    children = psutil.Process(parent.pid).children(recursive=True)
    assert [child.name() for child in children] == ["sleep"]
    parent.stop()
    assert not parent.running
    assert not any(child.is_running() for child in children)


def test_a_crash_leaves_no_children_behind_when_the_service_starts_again(tmp_path: Path) -> None:
    parent = service(tmp_path, _CHILD.replace("START_NEW_SESSION", "False") + _SERVER)
    parent.start()
    children = psutil.Process(parent.pid).children()
    crash(parent)
    parent.start()
    _, left = psutil.wait_procs(children, timeout=5)
    parent.stop()
    assert left == []


def test_a_service_that_was_killed_starts_again(running: Service) -> None:
    running.kill()
    assert not running.running
    running.start()
    assert running.health() == (True, "")


def test_a_paused_service_keeps_silent_until_it_is_resumed(running: Service) -> None:
    running.pause()
    os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)
    assert psutil.Process(running.pid).status() == psutil.STATUS_STOPPED
    running.resume()
    assert running.health() == (True, "")


def test_a_paused_service_can_be_stopped(running: Service) -> None:
    running.pause()
    running.stop()
    assert not running.running


def test_a_service_that_dies_at_start_says_why(tmp_path: Path) -> None:
    dying = service(tmp_path, "raise SystemExit('settings unusable: RAPPORT_BOT_KEY: Field required')")
    with pytest.raises(OpsError) as error:
        dying.start()
    message = str(error.value)
    assert message.startswith(
        "bot ended while it started: settings unusable: RAPPORT_BOT_KEY: Field required (code 1"
    )
    assert "\n" not in message


def test_a_service_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    slow = service(tmp_path, "import time; time.sleep(600)", seconds=0.5)
    with pytest.raises(OpsError, match="bot was not ready after 0 s: it does not listen yet"):
        slow.start()
    slow.stop()


def test_a_service_that_ended_is_started_again(running: Service) -> None:
    told: list[str] = []
    watch = Watch(lambda _name: running.start(), told.append, pause=lambda _seconds: None)
    running.kill()
    watch.look([("bot", running)])
    assert running.health() == (True, "")
    assert told[0].startswith("bot ended: ")
    assert told[0].endswith(f"Starting it again in 1 s (1 of {RESTARTS}).")
    assert told[1] == "bot runs again."


def test_a_service_that_keeps_ending_is_given_up_after_three_restarts(tmp_path: Path) -> None:
    dying = service(tmp_path, "raise SystemExit('out of memory')")
    pauses: list[float] = []
    watch = Watch(lambda _name: dying.start(), lambda _told: None, pause=pauses.append)
    with pytest.raises(OpsError, match=r"bot ended 4 times within ten minutes, last: out of memory"):
        watch.look([("bot", dying)])
    assert pauses == [1, 2, 4]


def test_an_end_by_a_signal_is_named(running: Service) -> None:
    crash(running)
    ended = running.how_it_ended()
    assert ended is not None
    assert "signal 9" in ended
