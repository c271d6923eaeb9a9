"""The profile service, its worker and their servers, alone and on fresh data, with what each costs the processor."""

import base64
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil
import psycopg

from ops.ports import LOOPBACK, free_port
from ops.postgres import Postgres
from ops.redis_server import RedisServer

READ_KEY, WRITE_KEY = "reading-key", "writing-key"
_START_SECONDS = 180.0


class ProfileSystem:
    """Everything durable, as `make up` runs it; use it in `with`."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="rapport-bench-")
        folder = Path(self._folder.name)
        folder.chmod(0o711)
        self._state = folder / "state"
        self.postgres = Postgres(folder / "postgres", free_port())
        self.redis = RedisServer(folder / "redis", free_port())
        self._ports = {"profiles": free_port(), "worker": free_port()}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.database_url = ""

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self._ports['profiles']}"

    @property
    def port(self) -> int:
        return self._ports["profiles"]

    def worker_health(self) -> dict[str, float]:
        """What the worker says of itself."""
        health: dict[str, float] = httpx.get(
            f"http://{LOOPBACK}:{self._ports['worker']}/health", trust_env=False
        ).json()
        return health

    def processor_seconds(self) -> Mapping[str, float]:
        """Of each process so far; PostgreSQL's with all its backends, those that have ended included."""
        pids = {name: process.pid for name, process in self._processes.items()}
        for name, server in (("postgres", self.postgres), ("redis", self.redis)):
            if server.process is not None:
                pids[name] = server.process.pid
        return {name: _seconds(pid) for name, pid in pids.items()}

    def __enter__(self) -> Self:
        self.postgres.start()
        self.redis.start()
        self.postgres.create_database("bench")
        self.database_url = self.postgres.url_of("bench")
        self._run("alembic", "upgrade", "head")
        for name, command in (("profiles", "serve"), ("worker", "work")):
            log = (Path(self._folder.name) / f"{name}.log").open("wb")
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", "profiles", command], env=self._environment(), stdout=log, stderr=log
            )
        try:
            for name in self._processes:
                self._await(name)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        for process in self._processes.values():
            process.terminate()
            process.wait(30)
        self.redis.stop()
        self.postgres.stop()
        self._folder.cleanup()

    def execute(self, statement: str) -> None:
        """Run one statement on the database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, module: str, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=self._environment(),
            check=True,
            capture_output=True,
        )

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis.url,
            "RAPPORT_DATA_KEY": base64.b64encode(b"k" * 32).decode(),
            "RAPPORT_PROFILES_KEYS": f"reader:read:{READ_KEY},writer:write:{WRITE_KEY}",
            "RAPPORT_STATE": str(self._state),
            "RAPPORT_PROFILES_PORT": str(self._ports["profiles"]),
            "RAPPORT_WORKER_PORT": str(self._ports["worker"]),
            "RAPPORT_LOG_LEVEL": "WARNING",
        }

    def _await(self, name: str) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self._processes[name].poll() is not None:
                break
            try:
                if (
                    httpx.get(f"http://{LOOPBACK}:{self._ports[name]}/health", trust_env=False).status_code
                    == 200
                ):
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        log = (Path(self._folder.name) / f"{name}.log").read_text("utf-8", errors="replace")
        raise RuntimeError(f"{name} did not start: {log[-2000:]}")


def _seconds(pid: int) -> float:
    root = psutil.Process(pid)
    total = 0.0
    for process in (root, *root.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system
    ended = root.cpu_times()
    return total + ended.children_user + ended.children_system
