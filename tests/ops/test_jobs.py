"""Commands that run to their end, and can be ended before it."""

import errno
import sys
import threading
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.jobs import JobFailed, Jobs, is_disk_full, telling_line

_TIDY = """
import time
try:
    print("working", flush=True)
    time.sleep(600)
except KeyboardInterrupt:
    print("tidied up", flush=True)
    raise SystemExit(130)
"""


def test_output_is_kept_in_the_log_and_given_line_by_line(tmp_path: Path) -> None:
    heard: list[str] = []
    log = tmp_path / "logs" / "job.log"
    last = Jobs().run(
        "Counting", [sys.executable, "-c", "print('one'); print('two')"], log, on_line=heard.append
    )
    assert heard == last == ["one", "two"]
    assert log.read_text() == "one\ntwo\n"


def test_a_failure_is_one_line_with_what_tells_most_and_the_log(tmp_path: Path) -> None:
    code = "print('Traceback (most recent call last):'); print('ValueError: no such intent'); print('bye'); exit(3)"
    with pytest.raises(JobFailed) as error:
        Jobs().run("Training", [sys.executable, "-c", code], tmp_path / "job.log")
    assert str(error.value) == f"Training failed: ValueError: no such intent (log: {tmp_path / 'job.log'})"


def test_a_command_gets_the_variables_it_is_given_and_no_others(tmp_path: Path) -> None:
    code = "import os; print(sorted(name for name in os.environ if name != 'LC_CTYPE'))"
    assert Jobs().run("Listing", [sys.executable, "-c", code], tmp_path / "log", {"A": "1"}) == ["['A']"]


def test_ending_all_lets_commands_tidy_up_and_starts_no_more(tmp_path: Path) -> None:
    jobs = Jobs()
    working = threading.Event()
    failures: list[JobFailed] = []

    def work() -> None:
        try:
            jobs.run(
                "Working",
                [sys.executable, "-c", _TIDY],
                tmp_path / "log",
                on_line=lambda _line: working.set(),
            )
        except JobFailed as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert working.wait(20)
    jobs.end_all()
    thread.join(20)
    assert failures[0].output == ["working", "tidied up"]
    with pytest.raises(OpsError, match="Stopped before it was finished"):
        jobs.run("More", ["true"], tmp_path / "log")


def test_the_line_that_tells_most_is_the_last_that_sounds_like_an_error() -> None:
    assert telling_line(["start", "ERROR: port in use", "shutdown complete", ""]) == "ERROR: port in use"
    assert telling_line(["first", "second"]) == "second"
    assert telling_line([]) == "it wrote no message"


def test_a_full_disk_is_recognised_in_our_own_errors_and_in_those_of_commands() -> None:
    assert is_disk_full(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_full(JobFailed("pip failed", ["OSError: [Errno 28] No space left on device"]))
    assert not is_disk_full(JobFailed("pip failed", ["no such package"]))
