"""A stock Rasa bot, made by `rasa init` at this moment, with Rasa's own Redis stores: the baseline."""

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parents[1]
RASA = ROOT / ".venv-rasa" / "bin" / "rasa"
#: What the stock bot's own training data lets it answer.
MESSAGES = ("hello", "I am feeling great", "are you a bot?", "I am sad", "yes", "bye")


class StockBotError(RuntimeError):
    """The stock bot could not be made or started; the message holds the end of its log."""


class StockBot:
    """A running `rasa run` of the project that `rasa init` writes."""

    def __init__(self, folder: Path, redis_url: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.start_seconds = 0.0
        self._folder = folder
        self._redis = urlsplit(redis_url)
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise StockBotError("the stock bot is not running")
        return self._process.pid

    def make(self) -> None:
        """Write the project and train it, as a newcomer's first two commands do."""
        self._rasa("init", "--no-prompt", "--init-dir", str(self._folder))
        (self._folder / "endpoints.yml").write_text(self._endpoints(), "utf-8")
        (self._folder / "credentials.yml").write_text("rest:\n", "utf-8")

    def __enter__(self) -> Self:
        began = time.perf_counter()
        with (self._folder / "run.log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(RASA), "run", "--port", str(self._port), "--interface", "127.0.0.1"],
                cwd=self._folder,
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while True:
            if self._process.poll() is not None:
                raise StockBotError(self._log_end("run.log"))
            try:
                httpx.get(f"{self.url}/status", timeout=1).raise_for_status()
                break
            except httpx.HTTPStatusError as error:
                # 401 or 404: the server is up, its management API is not enabled.
                if error.response.status_code < 500:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        self.start_seconds = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)

    def _rasa(self, *arguments: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "make.log").open("wb") as log:
            done = subprocess.run(
                [str(RASA), *arguments],
                env=self._environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise StockBotError(self._log_end("make.log"))

    def _log_end(self, name: str) -> str:
        return "\n".join((self._folder / name).read_text("utf-8", errors="replace").splitlines()[-15:])

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "",
            "REDIS_PASSWORD": self._redis.password or "",
        }

    def _endpoints(self) -> str:
        server = f"  url: {self._redis.hostname}\n  port: {self._redis.port}\n"
        password = "  password: ${REDIS_PASSWORD}\n"  # noqa: S105 - filled in by Rasa from the environment
        return (
            f"tracker_store:\n  type: redis\n{server}  db: 0\n{password}"
            f"lock_store:\n  type: redis\n{server}  db: 1\n{password}"
        )
