"""Every check and every test of the project, each run to its end, with a summary."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ops.layout import APP_ENVIRONMENT, APP_PYTHON, CHECKOUT, RASA_PYTHON
from ops.progress import duration

_TOOLS = APP_ENVIRONMENT / "bin"

#: A process for each core, with servers of its own. A file's tests stay together, since they share what they set up;
#: of more than four processes each would mostly start its servers.
_SIDE_BY_SIDE = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile"]


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]


LINT = (
    Check("style", [str(_TOOLS / "ruff"), "check", "."]),
    Check("formatting", [str(_TOOLS / "ruff"), "format", "--check", "."]),
    Check("types", [str(_TOOLS / "mypy")]),
    Check("imports between rooms", [str(_TOOLS / "lint-imports")]),
)

TESTS = (
    Check(
        "unit tests",
        [
            str(APP_PYTHON),
            "-m",
            "pytest",
            "tests",
            "--ignore=tests/bot",
            "--ignore=tests/e2e",
            *_SIDE_BY_SIDE,
        ],
    ),
    Check("tests of the bot", [str(RASA_PYTHON), "-m", "pytest", "tests/bot"]),
    Check("end-to-end tests", [str(APP_PYTHON), "-m", "pytest", "tests/e2e"]),
)


def run(checks: tuple[Check, ...], root: Path = CHECKOUT) -> bool:
    """Run the checks one after the other, all of them, their output shown as it comes.

    Returns:
        Whether all passed.
    """
    outcomes = []
    for check in checks:
        print(f"\n=== {check.name}: {' '.join(check.command)}", flush=True)
        began = time.monotonic()
        code = subprocess.run(check.command, cwd=root, check=False).returncode
        outcomes.append((check.name, code, time.monotonic() - began))
    print("\n=== summary")
    for name, code, seconds in outcomes:
        print(f"  {'passed' if code == 0 else 'FAILED':<8}{name:<26}{duration(seconds):>12}", flush=True)
    return all(code == 0 for _, code, _ in outcomes)
