"""Which processes this installation started: recorded, so that one that was killed can be cleaned up after."""

import fcntl
import json
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TextIO

import psutil

from ops.errors import OpsError

_SECONDS_TO_END = 15.0
#: Ended after those that use them; SIGINT is PostgreSQL's "fast shutdown", which does not wait for clients.
_SERVERS = {"redis": signal.SIGTERM, "postgres": signal.SIGINT}
#: The clock of process starts is read with a precision of 10 ms.
_SAME_MOMENT = 0.05


class ProcessRecord:
    """The pids of running processes by name, in a file. A pid counts only with the moment its process began,
    since the operating system gives old pids to new processes."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()

    def add(self, name: str, pid: int) -> None:
        try:
            began = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        with self._lock:
            self._write(self._read() | {name: {"pid": pid, "began": began}})

    def remove(self, name: str) -> None:
        with self._lock:
            self._write({known: entry for known, entry in self._read().items() if known != name})

    def alive(self) -> dict[str, psutil.Process]:
        """The recorded processes that still run, and are still the same."""
        found = {}
        for name, entry in self._read().items():
            try:
                process = psutil.Process(int(entry["pid"]))
                if abs(process.create_time() - entry["began"]) < _SAME_MOMENT and process.is_running():
                    found[name] = process
            except psutil.NoSuchProcess:
                continue
        return found

    def end_stale(self) -> list[str]:
        """End the processes that an earlier, killed launcher left behind, with their children.

        Returns:
            Their names.
        """
        stale = self.alive()
        clients = [process for name, process in stale.items() if name not in _SERVERS]
        _end_trees(clients, {process.pid: signal.SIGTERM for process in clients})
        servers = {process.pid: _SERVERS[name] for name, process in stale.items() if name in _SERVERS}
        _end_trees([process for process in stale.values() if process.pid in servers], servers)
        self.file.unlink(missing_ok=True)
        return list(stale)

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            found: dict[str, dict[str, float]] = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        return found

    def _write(self, entries: dict[str, dict[str, float]]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(entries, indent=1) + "\n")
        new.replace(self.file)


def _end_trees(processes: list[psutil.Process], words: Mapping[int, signal.Signals]) -> None:
    """Ask processes to end, all at once, and kill what is left of them and their children.

    Args:
        words: the signal for each pid.
    """
    families = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            families += [process, *process.children(recursive=True)]
            # A paused process hears nothing.
            process.resume()
            process.send_signal(words[process.pid])
    psutil.wait_procs(processes, timeout=_SECONDS_TO_END)
    # What a process has not ended itself by now it will not end.
    for member in families:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(families, timeout=_SECONDS_TO_END)


def port_owner(port: int) -> str:
    """The program that listens on a port, as `name, process 123`; empty when it can't be told."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f"{psutil.Process(connection.pid).name()}, process {connection.pid}"
    except psutil.Error:
        return ""
    return ""


class RunLock:
    """Held by the one launcher that runs from a state folder; a killed launcher's is free at once."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._opened: TextIO | None = None

    @property
    def held(self) -> bool:
        """Whether this launcher holds it."""
        return self._opened is not None

    def take(self) -> None:
        """Raises:
        OpsError: when another launcher holds it.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        opened = self.file.open("a+")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.close()
            raise OpsError(
                f"Rapport already runs from {self.file.parent} (process {self.holder() or 'unknown'}). "
                "`make status` shows where; `make down` stops it."
            ) from None
        opened.truncate(0)
        opened.write(f"{os.getpid()}\n")
        opened.flush()
        self._opened = opened

    def release(self) -> None:
        if self._opened is not None:
            self._opened.truncate(0)
            self._opened.close()
            self._opened = None

    def holder(self) -> int | None:
        """The pid of the launcher that holds the lock now; None when it is free."""
        try:
            with self.file.open("r") as opened:
                try:
                    fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    text = opened.read().strip()
                    return int(text) if text.isdecimal() else None
        except OSError:
            return None
        return None
