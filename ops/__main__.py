"""`python -m ops COMMAND`: what the Makefile's targets run inside `.venv`."""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from ops import checks, environments, keys, models
from ops.bootstrap import BEGAN, DOWNLOADED
from ops.errors import OpsError
from ops.jobs import Jobs, is_disk_full
from ops.layout import APP_PYTHON, CHECKOUT, cache_folder, encoder_registry, state_folder
from ops.ports import DEFAULTS, LOOPBACK, configured_ports
from ops.processes import ProcessRecord, RunLock
from ops.progress import Board, duration, size
from ops.readiness import health
from ops.services import base_environment, is_demo
from ops.signals import interrupt_on_signals
from ops.stack import Stack
from ops.watch import Watch

_SECONDS_TO_GO_DOWN = 90.0


def up() -> int:
    """Set up what is missing, start everything, and stay until a signal asks to stop."""
    began = float(os.environ.get(BEGAN) or time.time())
    board = _board()
    stack = Stack(
        state_folder(),
        ports=configured_ports(),
        lasting=True,
        database_url=os.environ.get("DATABASE_URL"),
        redis_url=os.environ.get("REDIS_URL"),
        board=board,
    )
    ready = False
    try:
        stack.start()
        ready = True
        downloaded = float(os.environ.get(DOWNLOADED) or 0) + stack.downloaded
        board.line(f"\nReady after {duration(time.time() - began)}, {size(downloaded)} downloaded.")
        board.line(f"Open {stack.url('web')}   (logs: {stack.logs}; Ctrl-C stops everything)")
        board.line(
            f"Staff: {stack.url('console')}   ({_staff() if is_demo() else 'accounts: docs/agent.md'})"
        )
        watch = Watch(stack.revive, board.line)
        while True:
            watch.look(stack.watched())
            time.sleep(0.5)
    except KeyboardInterrupt:
        board.line("\nStopping …")
    finally:
        stack.stop()
    board.line(
        "Stopped." if ready else "Stopped before all was ready. Run `make up` again: it goes on from here."
    )
    return 0 if ready else 130


def down() -> int:
    """Stop the system that another launcher runs, or what a killed one left behind."""
    lock = RunLock(state_folder() / "lock")
    holder = lock.holder()
    if holder is None:
        stale = ProcessRecord(state_folder() / "processes.json").end_stale()
        print(f"Stopped what was left running: {', '.join(stale)}" if stale else "Nothing runs.")
        return 0
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + _SECONDS_TO_GO_DOWN
    while lock.holder() == holder:
        if time.monotonic() > deadline:
            raise OpsError(
                f"Process {holder} did not stop. Look into {state_folder() / 'logs'}, or end it by hand."
            )
        time.sleep(0.2)
    print("Stopped.")
    return 0


def status() -> int:
    """One line per process; the code is 0 when all services are ready."""
    alive = ProcessRecord(state_folder() / "processes.json").alive()
    ports = configured_ports()
    all_ready = True
    for name in ("postgres", "redis", *DEFAULTS):
        pid = f"process {alive[name].pid}" if name in alive else "not running"
        if name not in DEFAULTS:
            own = os.environ.get({"postgres": "DATABASE_URL", "redis": "REDIS_URL"}[name])
            print(f"{name:<10}{'your own' if own else pid}")
            continue
        url = f"http://{LOOPBACK}:{ports[name]}"
        ready, reason = health(url) if name in alive else (False, "")
        all_ready = all_ready and ready
        print(f"{name:<10}{pid:<16}{'ready' if ready else reason:<10}{url if name in alive else ''}".rstrip())
    return 0 if all_ready else 1


def setup() -> int:
    """Install the second environment; the first is there, or this would not run."""
    _with_jobs(_install_rasa)
    print("Both environments are installed. `make up` starts Rapport.")
    return 0


def train() -> int:
    """Train the models that are not trained yet."""

    def both(board: Board, jobs: Jobs) -> None:
        _install_rasa(board, jobs)
        environment, logs = base_environment(), state_folder() / "logs"
        registry = encoder_registry(state_folder())
        models.train_encoder(board, jobs, environment, registry, logs / "train-encoder.log")
        archive = models.train_rasa(
            cache_folder(),
            board=board,
            jobs=jobs,
            environment=environment,
            log=logs / "train-rasa.log",
        )
        print(f"Encoder: the one promoted in {registry}\nDialogue model: {archive}")

    _with_jobs(both)
    return 0


def test() -> int:
    """Set up everything that tests need, then every check and test; the code is 0 when all passed."""
    from ops import browser  # noqa: PLC0415 - Playwright is slow to import, and only needed here

    def prepare(board: Board, jobs: Jobs) -> None:
        _install_rasa(board, jobs)
        logs = state_folder() / "logs"
        browser.ensure(board, jobs, logs / "install-browser.log")
        # Its behaviour is tested too, and the end-to-end tests need it anyway.
        registry = encoder_registry(state_folder())
        models.train_encoder(board, jobs, base_environment(), registry, logs / "train-encoder.log")

    problem = ""
    try:
        _with_jobs(prepare)
    except OpsError as error:
        # The other tests are worth running all the same.
        problem = str(error)
    passed = checks.run((*checks.LINT, *checks.TESTS))
    if problem:
        print(f"Error: {problem}", file=sys.stderr)
    return 0 if passed and not problem else 1


def lint() -> int:
    return 0 if checks.run(checks.LINT) else 1


def bench() -> int:
    """Measure this bot and a stock one, side by side."""
    _with_jobs(_install_rasa)
    return subprocess.run([str(APP_PYTHON), "-m", "bench", "turn"], cwd=CHECKOUT, check=False).returncode


def publish() -> int:
    """Make edited replies live in the running system."""
    running = ProcessRecord(state_folder() / "processes.json").alive().get("actions")
    if running is None:
        raise OpsError("Rapport does not run. `make up` starts it, and publishes the replies as they are.")
    # As the running action server: the same Redis, with the key that only our own processes have.
    environment = psutil.Process(running.pid).environ()
    command = [str(APP_PYTHON), "-m", "actions", "publish"]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode


def password() -> int:
    """Show with which names and which password the demo's staff sign in at the console."""
    print(_staff())
    return 0


def replay(file: str) -> int:
    """Play recorded conversations through the running system."""
    if not file:
        raise OpsError("Say which conversations: make replay FILE=path/to/conversations.jsonl")
    path = Path(file).expanduser().resolve()
    if not path.is_file():
        raise OpsError(f"There is no file {path}.")
    command = [str(APP_PYTHON), "-m", "bench", "replay", str(path)]
    return subprocess.run(command, cwd=CHECKOUT, check=False).returncode


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    simple: dict[str, Callable[[], int]] = {
        command.__name__: command
        for command in (up, down, status, setup, train, publish, password, test, lint, bench)
    }
    for name, command in simple.items():
        commands.add_parser(name, help=(command.__doc__ or "").strip().rstrip("."))
    commands.add_parser("replay", help=(replay.__doc__ or "").rstrip(".")).add_argument("file")
    arguments = parser.parse_args()
    interrupt_on_signals()
    try:
        code = replay(arguments.file) if arguments.command == "replay" else simple[arguments.command]()
    except KeyboardInterrupt:
        code = 130
    except (OpsError, OSError) as error:
        full = "The disk is full. Free some space and run it again: it goes on where it stopped."
        raise SystemExit(f"Error: {full if is_disk_full(error) else error}") from None
    raise SystemExit(code)


def _staff() -> str:
    return f"Sign in as agent, trainer or admin, with the password {keys.load_or_make(state_folder()).staff}"


def _board() -> Board:
    return Board(cache_folder() / "timings.json")


def _with_jobs(work: Callable[[Board, Jobs], None]) -> None:
    """Do work that runs commands, and end those if it is interrupted."""
    jobs = Jobs()
    try:
        work(_board(), jobs)
    finally:
        jobs.end_all()


def _install_rasa(board: Board, jobs: Jobs) -> None:
    environments.ensure(environments.RASA, board, jobs, state_folder() / "logs" / "install-rasa.log")


if __name__ == "__main__":
    main()
