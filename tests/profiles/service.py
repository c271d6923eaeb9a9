"""A real profile service in a process of its own, which a test can freeze, stop and start again."""

import contextlib
import signal
import subprocess
import sys
import time
from types import TracebackType

import httpx

from ops.ports import LOOPBACK, free_port
from tests.profiles.conftest import environment

START_SECONDS = 30.0


class Service:
    """`python -m profiles serve` on a free port."""

    def __init__(self, customers_url: str, redis_url: str) -> None:
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._environment = environment(customers_url, redis_url, RAPPORT_PROFILES_PORT=str(self.port))
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Return once the service is ready; at once if it runs."""
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-m", "profiles", "serve"],
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health", trust_env=False).json()["status"] == "ready":
                    return
            time.sleep(0.05)
        raise AssertionError(f"the service did not start: {self.stop()}")

    def freeze(self) -> None:
        """The process lives, its port accepts, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> str:
        """End the service; gives what it logged."""
        if self._process is None:
            return ""
        self._signal(signal.SIGCONT)
        self._process.terminate()
        _, log = self._process.communicate(timeout=15)
        self._process = None
        return log

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
