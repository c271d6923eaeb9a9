"""A Chromium for the end-to-end tests: one that is installed, Debian's, or Playwright's own download."""

import os
import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import sync_playwright

from ops.errors import OpsError
from ops.jobs import JobFailed, Jobs
from ops.layout import APP_PYTHON
from ops.progress import Board

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> Path | None:
    """The path of a Chromium that starts, or None."""
    installed = (shutil.which(name) for name in _NAMES)
    candidates = [Path(path) for path in installed if path]
    with sync_playwright() as playwright:
        candidates.append(Path(playwright.chromium.executable_path))
    return next((path for path in candidates if path.exists() and _starts(path)), None)


def ensure(board: Board, jobs: Jobs, log: Path) -> Path:
    """A Chromium, installed if there is none: through apt when root on Debian, else by Playwright.

    Raises:
        OpsError: when none can be had.
    """
    found = find()
    if found is not None:
        return found
    log.unlink(missing_ok=True)
    attempts = [[str(APP_PYTHON), "-m", "playwright", "install", "--with-deps", "--no-shell", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt = "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium"
        attempts.insert(0, ["sh", "-c", apt])
    else:
        attempts[0].remove("--with-deps")
    with board.step("install browser", 60) as step:
        for command in attempts:
            try:
                jobs.run("Installing Chromium", command, log, on_line=step.say)
            except JobFailed as error:
                board.line(f"  {error}")
            found = find()
            if found is not None:
                step.result = str(found)
                return found
    raise OpsError(
        "No Chromium for the browser tests, and none could be installed. Install one (Debian: apt-get install "
        f"chromium; elsewhere: .venv/bin/python -m playwright install chromium) and run it again (log: {log})."
    )


def _starts(path: Path) -> bool:
    """Whether it runs here: Ubuntu's `chromium` is a stub that only asks for a snap."""
    try:
        return (
            subprocess.run([path, "--version"], check=False, capture_output=True, timeout=30).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
