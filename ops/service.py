"""One long-running process of ours: started in a group of its own, watched, paused, ended with all its children.

Not honcho: it ends everything when one process ends, and can neither restart, pause nor await readiness of
a single one, all of which the launcher and the tests of faults need.
"""

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from ops.jobs import end_group, telling_line
from ops.layout import CHECKOUT
from ops.processes import ProcessRecord
from ops.progress import Step
from ops.readiness import await_ready, health

_LOG_BYTES_KEPT = 20_000_000
_SECONDS_TO_END = 12.0


@dataclass(frozen=True)
class ServiceSpec:
    """What a service is.

    Attributes:
        environment: all variables that its process gets.
        url: where it answers `/health`.
        seconds_to_start: how long until it must be ready.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    url: str
    seconds_to_start: float


class Service:
    """A service's process. `wanted` tells a stop that was asked for from an end that was not."""

    def __init__(self, spec: ServiceSpec, logs: Path, record: ProcessRecord) -> None:
        self.spec = spec
        self.log = logs / f"{spec.name}.log"
        self.wanted = False
        self._record = record
        self._process: subprocess.Popen[bytes] | None = None
        self._log_began = 0

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def pid(self) -> int:
        """Raises:
        ProcessLookupError: when it does not run.
        """
        if self._process is None or self._process.poll() is not None:
            raise ProcessLookupError(f"{self.name} does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start the process; return at once."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._end_group_of_a_crash()
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._log_began = log.tell()
            self._process = subprocess.Popen(
                self.spec.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.spec.environment),
                cwd=CHECKOUT,
                start_new_session=True,
            )
        self._record.add(self.name, self._process.pid)
        self.wanted = True

    def await_ready(self, step: Step | None = None) -> None:
        """Return once `/health` says ready.

        Raises:
            OpsError: when the process ends or takes too long, with the telling line of its log.
        """
        say = step.say if step is not None else lambda _reason: None
        await_ready(self.name, self.spec.url, self.spec.seconds_to_start, self.how_it_ended, say)

    def start(self) -> None:
        """Start the process and return once it is ready (see `await_ready`)."""
        self.launch()
        self.await_ready()

    def stop(self) -> None:
        """End the process and all its children; nothing when it does not run."""
        self.wanted = False
        if self._process is None:
            return
        children = self._children()
        if self._process.poll() is None:
            # A paused process hears nothing.
            os.killpg(self._process.pid, signal.SIGCONT)
            end_group(self._process, (signal.SIGTERM, signal.SIGKILL), _SECONDS_TO_END)
        self._end_rest(children)

    def kill(self) -> None:
        """End the process without a warning, as a crash would."""
        if self._process is not None and self._process.poll() is None:
            children = self._children()
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._end_rest(children)

    def pause(self) -> None:
        """Freeze the process: it keeps its connections and answers nothing."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start, and return once it is ready."""
        self.stop()
        self.start()

    def health(self) -> tuple[bool, str]:
        """Whether it is ready, and why not (one question, no waiting)."""
        return health(self.spec.url)

    def how_it_ended(self) -> str | None:
        """If its process has ended: with which code, and the line of its log that tells most. Else None."""
        if self._process is None:
            return "it was not started"
        code = self._process.poll()
        if code is None:
            return None
        with self.log.open("rb") as log:
            log.seek(self._log_began)
            lines = log.read().decode(errors="replace").splitlines()
        how = f"signal {-code}" if code < 0 else f"code {code}"
        return f"{telling_line(lines)} ({how}, log: {self.log})"

    def _end_group_of_a_crash(self) -> None:
        """What a process that crashed had started may still run, and hold its port."""
        if self._process is not None and self._process.poll() is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _children(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def _end_rest(self, children: list[psutil.Process]) -> None:
        """Children that left the process group outlive it; end them too."""
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(children, timeout=_SECONDS_TO_END)
        self._record.remove(self.name)
