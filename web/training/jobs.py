"""Trainings in the background: one at a time, seen by every console, and not ended by a console's end."""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from web.training import runner
from web.training.commands import Commands
from web.training.settings import REPOSITORY
from web.training.shapes import Job, Refused, TrainingUnderWay

#: Lines of the log that are shown.
SHOWN_LINES = 200
#: How long a cancelled training may take to clean up, in seconds.
GRACE = 15.0
_LOOK_SECONDS = 0.1


class Jobs:
    """The trainings of an installation.

    Args:
        folder: where they are kept; need not exist yet.
        command: the command line that is run.
    """

    def __init__(self, folder: Path, commands: Commands, command: list[str]) -> None:
        self._folder = folder
        self._commands = commands
        self._command = command
        # Kept so that what has ended is waited for, and leaves no zombie.
        self._started: subprocess.Popen[bytes] | None = None

    async def start(self, by: str) -> Job:
        """Begin a training.

        Raises:
            TrainingUnderWay
            Refused: it can't be started.
        """
        return await asyncio.to_thread(self._start, by)

    async def newest(self, limit: int = 1) -> tuple[Job, ...]:
        """Trainings, the newest first."""
        return await asyncio.to_thread(self._newest, limit)

    async def cancel(self) -> Job:
        """End the training under way; nothing of it is kept.

        Raises:
            Refused: none is under way.
        """
        jobs = await self.newest()
        if not jobs or jobs[0].state != "running":
            raise Refused("no training is under way")
        folder = self._folder / jobs[0].job_id
        if not await self._signalled(folder, signal.SIGTERM):
            await self._signalled(folder, signal.SIGKILL)
            if not (folder / runner.OUTCOME).exists():
                runner.write_whole(folder / runner.OUTCOME, runner.outcome(-signal.SIGKILL, cancelled=True))
        return (await self.newest())[0]

    def _start(self, by: str) -> Job:
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._locked() as lock:
            if lock is None:
                raise TrainingUnderWay("a training is under way already")
            started = datetime.now(UTC)
            # Microseconds, since the newest is found by its name.
            folder = self._folder / f"{started:%Y%m%d-%H%M%S-%f}-{uuid4().hex[:6]}"
            folder.mkdir()
            about = {"started_by": by, "started_at": started.isoformat()}
            runner.write_whole(folder / runner.ABOUT, about)
            command = [sys.executable, "-m", "web.training.runner", str(folder)]
            try:
                self._started = subprocess.Popen(  # noqa: S603 - a fixed command
                    [*command, *self._command],
                    cwd=REPOSITORY,
                    env=self._commands.environment({runner.LOCK_VARIABLE: str(lock.fileno())}),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(lock.fileno(),),
                    start_new_session=True,
                )
            except OSError as error:
                runner.write_whole(folder / runner.OUTCOME, runner.outcome(1, cancelled=False))
                raise Refused(f"the training can't be started: {error.strerror}") from error
        return self._job(folder)

    def _newest(self, limit: int) -> tuple[Job, ...]:
        if self._started is not None:
            self._started.poll()
        folders = sorted(
            (about.parent for about in self._folder.glob(f"*/{runner.ABOUT}")),
            key=lambda f: f.name,
            reverse=True,
        )
        return tuple(self._job(folder) for folder in folders[:limit])

    def _job(self, folder: Path) -> Job:
        about = json.loads((folder / runner.ABOUT).read_text(encoding="utf-8"))
        # In this order: what ends in between has its outcome by the second look.
        under_way = not (folder / runner.OUTCOME).exists() and self._is_locked()
        ended = _read(folder / runner.OUTCOME)
        said, model_id = _progress(folder / runner.PROGRESS)
        log = _lines(folder / runner.LOG)[-SHOWN_LINES:]
        percent, words = float(said.get("percent", 0.0)), str(said.get("words", "Starting"))
        ended_at = datetime.fromisoformat(ended["ended_at"]) if ended else None
        if ended is None:
            state = "running" if under_way else "lost"
            if state == "lost":
                words = "It ended without a word, as when the machine is restarted"
        elif ended["cancelled"]:
            state, words = "cancelled", "Cancelled; nothing of it was kept"
        elif ended["code"] == 0:
            state, percent = "done", 100.0
        else:
            state, words = "failed", log[-1] if log else f"It ended with code {ended['code']}"
        return Job(
            job_id=folder.name,
            state=state,  # type: ignore[arg-type]  # one of the words above
            percent=percent,
            words=words,
            started_by=about["started_by"],
            started_at=datetime.fromisoformat(about["started_at"]),
            ended_at=ended_at,
            model_id=model_id if state == "done" else None,
            log=tuple(log),
        )

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO | None]:
        """The lock of all trainings, or None when a training has it. Who inherits it, keeps it."""
        with (self._folder / "lock").open("ab") as lock:
            # Somebody who only looks has it for a moment.
            for _ in range(5):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    time.sleep(0.02)
                else:
                    yield lock
                    return
            yield None

    def _is_locked(self) -> bool:
        # Shared, so that two who look do not take each other for a training.
        with (self._folder / "lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    async def _signalled(self, folder: Path, sign: signal.Signals) -> bool:
        """Tell a training to stop; whether it has stopped within the time of grace."""
        told = False
        for _ in range(int(GRACE / _LOOK_SECONDS)):
            if not told and (pid := _pid(folder)) is not None:
                told = True
                try:
                    # Who holds the lock lives, so this number is still that of the training.
                    os.killpg(pid, sign) if sign is signal.SIGKILL else os.kill(pid, sign)
                except ProcessLookupError:
                    return True
            await asyncio.sleep(_LOOK_SECONDS)
            if not await asyncio.to_thread(self._is_locked):
                return True
        return False


def _pid(folder: Path) -> int | None:
    try:
        return int((folder / runner.PID).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _read(file: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return content


def _progress(file: Path) -> tuple[dict[str, Any], str | None]:
    """The newest step, and the id of the model once it is there."""
    steps = []
    for line in _lines(file):
        try:
            step = json.loads(line)
        except ValueError:
            continue  # said to people
        if isinstance(step, dict) and "percent" in step:
            steps.append(step)
    ids = [str(step["model_id"]) for step in steps if "model_id" in step]
    return (steps[-1] if steps else {}), (ids[-1] if ids else None)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []
