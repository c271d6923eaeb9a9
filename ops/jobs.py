"""Commands that run to their end (installs, migrations, trainings), all of which can be ended at once."""

import errno
import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ops.errors import OpsError
from ops.layout import CHECKOUT

_SECONDS_TO_END = 10.0
_TELLING = re.compile(
    r"error|exception|denied|refused|in use|unusable|no space|failed|fatal|missing", re.IGNORECASE
)


class JobFailed(OpsError):
    """A command ended with a code other than 0.

    Attributes:
        output: the last lines that it wrote.
    """

    def __init__(self, message: str, output: list[str]) -> None:
        super().__init__(message)
        self.output = output


class Jobs:
    """Runs commands, each in a process group of its own, and ends those still running on request."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._ended = False

    def run(
        self,
        what: str,
        command: list[str],
        log: Path,
        environment: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> list[str]:
        """Run a command from the checkout's folder, its output appended to `log`, and return its last lines.

        Args:
            what: names the command in errors ("Installing .venv").
            environment: all its variables; those of this process when not given.
            on_line: called with each line of output.

        Raises:
            JobFailed: when it ends with a code other than 0, with the line that tells most.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        last: deque[str] = deque(maxlen=200)
        with log.open("a", errors="replace", buffering=1) as file:
            process = self._start(command, environment)
            try:
                for line in process.stdout or []:
                    file.write(line)
                    last.append(line.rstrip())
                    if on_line is not None and line.strip():
                        on_line(line.strip())
                code = process.wait()
            except BaseException:
                end_group(process)
                raise
            finally:
                with self._lock:
                    self._running.discard(process)
        if code != 0:
            raise JobFailed(f"{what} failed: {telling_line(last)} (log: {log})", list(last))
        return list(last)

    def end_all(self) -> None:
        """End every command that still runs, with all its children, and start no more."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for process in running:
            end_group(process)

    def _start(self, command: list[str], environment: Mapping[str, str] | None) -> "subprocess.Popen[str]":
        with self._lock:
            if self._ended:
                raise OpsError("Stopped before it was finished; run it again, it goes on from here.")
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env=None if environment is None else dict(environment),
                cwd=CHECKOUT,
                start_new_session=True,
            )
            self._running.add(process)
            return process


def end_group(
    process: "subprocess.Popen[str] | subprocess.Popen[bytes]",
    words: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL),
    seconds: float = _SECONDS_TO_END,
) -> None:
    """End a process that leads its own group, and the whole group with it, by one signal after the other.

    A command hears SIGINT first, as from Ctrl-C, upon which pip and trainings tidy up.

    Args:
        seconds: how long each signal may take to have its effect.
    """
    for word in words:
        try:
            os.killpg(process.pid, word)
        except ProcessLookupError:
            break
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    process.poll()


def telling_line(lines: "deque[str] | list[str]") -> str:
    """The line of an output that best says what went wrong: the last that sounds like it, else the last."""
    written = [line.strip() for line in lines if line.strip()]
    telling = [line for line in written if _TELLING.search(line)]
    return (telling or written or ["it wrote no message"])[-1][:300]


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, our own or one in a command's output, means that the disk is full."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return True
    return isinstance(error, JobFailed) and any("No space left on device" in line for line in error.output)
