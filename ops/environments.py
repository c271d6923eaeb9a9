"""The two virtual environments, made from the locks in `requirements/` and resumed where an install stopped.

Only the standard library is used: this runs before `.venv` exists.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ops.errors import OpsError
from ops.jobs import JobFailed, Jobs, is_disk_full, telling_line
from ops.layout import APP_ENVIRONMENT, CHECKOUT, RASA_ENVIRONMENT
from ops.progress import Board, Step, size

PYTHON = (3, 11)
_REQUIREMENTS = CHECKOUT / "requirements"
_STAMP = "rapport-lock.txt"
_UNITS = {"bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
_DOWNLOADED = re.compile(r"^Downloading (?P<file>\S+)(?: \((?P<amount>[\d.]+) (?P<unit>bytes|kB|MB|GB)\))?")
_FILE_AT_HAND = re.compile(r"^(?:Processing|Using cached) (?P<file>\S+)")
_WHAT_TO_DO: Mapping[str, str] = {
    r"DO NOT MATCH THE HASHES": "The index offers another file than the one that was checked. Do not use it; "
    "look which index pip is set to (`pip config list`).",
    r"resolution|Max retries|ConnectionError|timed out|Connection(?: was)? (?:reset|refused)|ProxyError": (
        "Check the network (and proxy settings), then run it again: it goes on where it stopped."
    ),
    r"No matching distribution": "The index that pip uses does not offer it for this machine and Python 3.11; "
    "see `pip config list`.",
    r"Permission denied": "Make the checkout writable for this user.",
}


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Attributes:
        folder: where it lies.
        verified: packages that are installed first, by the hash of their file.
        locks: everything that is installed into it.
        options: of `pip install` for these locks.
        gigabytes: free space that making it takes at most, temporary files included.
        seconds: a first estimate of how long that takes on two cores.
    """

    folder: Path
    verified: Path
    locks: tuple[Path, ...]
    options: tuple[str, ...]
    gigabytes: float
    seconds: float

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.folder / _STAMP


# With dependency resolution: torch's own needs differ between its builds.
APP = Environment(
    APP_ENVIRONMENT,
    _REQUIREMENTS / "app-verified.txt",
    (_REQUIREMENTS / "app.txt", _REQUIREMENTS / "dev.txt"),
    (),
    gigabytes=5.0,
    seconds=110,
)
# Without: Rasa's metadata asks for versions that Python 3.11 has outgrown; the lock is complete.
RASA = Environment(
    RASA_ENVIRONMENT,
    _REQUIREMENTS / "rasa-verified.txt",
    (_REQUIREMENTS / "rasa.txt",),
    ("--no-deps", "--ignore-requires-python"),
    gigabytes=4.5,
    seconds=110,
)


def fingerprint(environment: Environment) -> str:
    """Hash of what the environment is made of: locks, options and the exact Python."""
    digest = hashlib.sha256(repr((environment.options, sys.version_info[:3])).encode())
    for lock in (environment.verified, *environment.locks):
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def is_complete(environment: Environment) -> bool:
    """Whether the environment was installed to the end from the present locks."""
    if not (environment.python.exists() and environment.stamp.exists()):
        return False
    return environment.stamp.read_text().strip() == fingerprint(environment)


def ensure(environment: Environment, board: Board, jobs: Jobs, log: Path) -> float:
    """Make the environment, or finish it, or leave it when its locks are unchanged.

    Returns:
        The bytes that were downloaded.

    Raises:
        OpsError: with what to do, when the disk is too small or pip fails.
    """
    if is_complete(environment):
        return 0.0
    name = environment.folder.name
    log.unlink(missing_ok=True)
    with board.step(f"install {name}", environment.seconds) as step:
        check_space(environment)
        if not _is_usable(environment):
            step.say("creating the environment")
            make = [sys.executable, "-m", "venv", "--clear", str(environment.folder)]
            jobs.run(f"Creating {name}", make, log)
        drop_half_installed(environment.folder)
        downloads = _Downloads(step)
        pip = [str(environment.python), "-m", "pip", "install", "--no-input", "--progress-bar=off"]
        # Modules are compiled when first imported: most of what torch and TensorFlow bring never is.
        pip += ["--no-compile", "--disable-pip-version-check", "--no-warn-script-location"]
        locks = [word for lock in environment.locks for word in ("-r", str(lock))]
        try:
            verified = [*pip, "--no-deps", "--require-hashes", "-r", str(environment.verified)]
            jobs.run(f"Installing {name}", verified, log, on_line=downloads.read)
            jobs.run(f"Installing {name}", [*pip, *environment.options, *locks], log, on_line=downloads.read)
        except JobFailed as error:
            raise OpsError(explain(name, error, environment.gigabytes, log)) from error
        environment.stamp.write_text(f"{fingerprint(environment)}\n")
        step.result = f"{size(downloads.bytes)} downloaded" if downloads.bytes else "nothing downloaded"
    return downloads.bytes


def check_space(environment: Environment, free: int | None = None) -> None:
    """Refuse to begin an install that can't end.

    Args:
        free: bytes free on the disk; asked of the operating system when not given.

    Raises:
        OpsError: when there is too little space.
    """
    available = shutil.disk_usage(CHECKOUT).free if free is None else free
    needed = environment.gigabytes * 1e9
    if environment.folder.exists():
        # An interrupted install has most of it already; only temporary files are certain.
        needed /= 4
    if available < needed:
        raise OpsError(
            f"Too little disk space for {environment.folder}: {size(needed)} needed, {size(available)} free. "
            "Free some space, or move the checkout to a larger disk, and run it again."
        )


def drop_half_installed(folder: Path) -> list[str]:
    """Forget packages whose install was interrupted, so that pip installs them again.

    pip writes `INSTALLER` after a package's last file; a package without it is not whole.

    Returns:
        The names of the metadata folders that were removed.
    """
    removed = []
    for metadata in sorted(folder.glob("lib/python3*/site-packages/*.dist-info")):
        if not (metadata / "INSTALLER").exists():
            shutil.rmtree(metadata)
            removed.append(metadata.name)
    return removed


def explain(name: str, error: JobFailed, gigabytes: float, log: Path) -> str:
    """One line for a failed install: what went wrong and what to do."""
    if is_disk_full(error):
        return (
            f"The disk is full: installing {name} takes up to {gigabytes:.0f} GB. "
            "Free some space and run it again: it goes on where it stopped."
        )
    output = "\n".join(error.output)
    advice = next(
        (text for pattern, text in _WHAT_TO_DO.items() if re.search(pattern, output)),
        "See the log, then run it again.",
    )
    errors = [line for line in error.output if line.startswith("ERROR:")]
    return f"Installing {name} failed: {telling_line(errors[:1] or error.output)} {advice} (log: {log})"


def _is_usable(environment: Environment) -> bool:
    """Whether the environment's Python starts, is the right one and has pip."""
    if not environment.python.exists():
        return False
    probe = f"import sys, pip; sys.exit(sys.version_info[:2] != {PYTHON})"
    try:
        return (
            subprocess.run([environment.python, "-c", probe], check=False, capture_output=True).returncode
            == 0
        )
    except OSError:
        return False


class _Downloads:
    """Reads pip's output: what it is at, and how much it has downloaded."""

    def __init__(self, step: Step) -> None:
        self.bytes = 0.0
        self._step = step

    def read(self, line: str) -> None:
        if downloaded := _DOWNLOADED.match(line):
            amount = 0.0
            if downloaded["amount"]:
                amount = float(downloaded["amount"]) * _UNITS[downloaded["unit"]]
            self.bytes += amount
            # The metadata of a wheel is fetched alone first; the size in its line is that of the metadata.
            self._step.say(
                f"downloading {_package(downloaded['file'])} ({size(amount)}), {size(self.bytes)} so far"
            )
        elif at_hand := _FILE_AT_HAND.match(line):
            self._step.say(f"{_package(at_hand['file'])}, {size(self.bytes)} downloaded so far")
        elif line.startswith("Installing collected packages"):
            self._step.say(f"unpacking {line.count(',') + 1} packages, {size(self.bytes)} downloaded")


def _package(file: str) -> str:
    return file.rsplit("/", 1)[-1].split("-", 1)[0]
