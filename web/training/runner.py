"""`python -m web.training.runner FOLDER COMMAND…`: runs a training and keeps what it says, whoever started it.

It is a process of its own, so that a training survives the console that began it. Standard library alone.
"""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

#: What lies in the folder of a training.
ABOUT, PROGRESS, LOG, OUTCOME, PID = "job.json", "progress.jsonl", "log.txt", "outcome.json", "pid"

#: Names the file descriptor of the lock that says that a training runs; it is held as long as anything of it lives.
LOCK_VARIABLE = "RAPPORT_TRAINING_LOCK"


def write_whole(file: Path, content: object) -> None:
    """Write JSON so that a reader finds all of it or nothing."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    partial.write_text(json.dumps(content), encoding="utf-8")
    partial.replace(file)


def outcome(code: int, *, cancelled: bool) -> dict[str, object]:
    return {"code": code, "cancelled": cancelled, "ended_at": datetime.now(UTC).isoformat()}


def main(folder: Path, command: list[str]) -> int:
    """Run to the end, or until told to stop (SIGTERM), and write how it ended."""
    cancelled = False
    lock = int(os.environ.pop(LOCK_VARIABLE))
    with (folder / PROGRESS).open("wb") as progress, (folder / LOG).open("wb") as log:
        child = subprocess.Popen(command, stdout=progress, stderr=log, pass_fds=(lock,))  # noqa: S603

        def stop(_signal: int, _frame: FrameType | None) -> None:
            nonlocal cancelled
            cancelled = True
            child.terminate()

        signal.signal(signal.SIGTERM, stop)
        # From now on a signal is understood.
        (folder / PID).write_text(str(os.getpid()), encoding="utf-8")
        code = child.wait()
    write_whole(folder / OUTCOME, outcome(code, cancelled=cancelled))
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
