"""`PYTHON -m ops.bootstrap COMMAND …`: make `.venv` with the standard library alone, then go on inside it.

The Makefile starts this with whatever Python 3.11 it finds.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from ops import environments
from ops.errors import OpsError
from ops.jobs import Jobs, is_disk_full
from ops.layout import APP_ENVIRONMENT, APP_PYTHON, CHECKOUT, RASA_ENVIRONMENT, cache_folder, state_folder
from ops.ports import check_public_ports
from ops.progress import Board
from ops.signals import interrupt_on_signals

#: What `python -m ops` is told of this first part: when it began (seconds since 1970) and what it downloaded (bytes).
BEGAN = "RAPPORT_LAUNCH_BEGAN"
DOWNLOADED = "RAPPORT_LAUNCH_DOWNLOADED"


def check_python() -> None:
    """Raises:
    OpsError: when this Python can't make the environments.
    """
    if sys.version_info[:2] != environments.PYTHON:
        raise OpsError(f"Python 3.11 is needed, this is {sys.version.split()[0]} ({sys.executable}).")
    if importlib.util.find_spec("ensurepip") is None:
        raise OpsError(
            "This Python can't make virtual environments. On Debian: apt-get install python3.11-venv."
        )


def clean() -> None:
    """Stop what runs; remove both environments and the local state, the database included."""
    state = state_folder()
    if APP_PYTHON.exists() and state.exists():
        subprocess.run([str(APP_PYTHON), "-m", "ops", "down"], cwd=CHECKOUT, check=True)
    location = state / "postgres" / "location"
    elsewhere = [Path(location.read_text().strip()).parent] if location.exists() else []
    for folder in (APP_ENVIRONMENT, RASA_ENVIRONMENT, *elsewhere, state):
        if folder.exists():
            shutil.rmtree(folder)
            print(f"Removed {folder}")
    print(f"Trained models stay in {cache_folder()}.")


def main(arguments: list[str]) -> None:
    jobs = Jobs()
    if arguments[:1] == ["clean"]:
        clean()
        return
    if arguments[:1] in (["down"], ["status"]) and not APP_PYTHON.exists():
        raise SystemExit("Nothing is set up here; `make up` does it.")

    interrupt_on_signals()
    began = time.time()
    try:
        check_python()
        first_time = not environments.is_complete(environments.APP)
        if first_time and arguments[:1] == ["up"] and not (state_folder() / "processes.json").exists():
            check_public_ports()
        board = Board(cache_folder() / "timings.json")
        if first_time:
            board.line("Installing. The first time takes some minutes; interrupt at will, it goes on later.")
        log = state_folder() / "logs" / "install-app.log"
        downloaded = environments.ensure(environments.APP, board, jobs, log)
    except KeyboardInterrupt:
        jobs.end_all()
        raise SystemExit("Interrupted. Run it again: it goes on where it stopped.") from None
    except (OpsError, OSError) as error:
        jobs.end_all()
        full = "The disk is full. Free some space and run it again: it goes on where it stopped."
        raise SystemExit(f"Error: {full if is_disk_full(error) else error}") from None
    os.environ[BEGAN] = str(began)
    os.environ[DOWNLOADED] = str(downloaded)
    os.chdir(CHECKOUT)
    os.execv(APP_PYTHON, [str(APP_PYTHON), "-m", "ops", *arguments])  # noqa: S606 - our own command


if __name__ == "__main__":
    main(sys.argv[1:])
