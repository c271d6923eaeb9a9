"""Hands the customers to the profile service, through its own command."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from demo.files import write_profiles
from demo.records import World

ROOT = Path(__file__).resolve().parent.parent.parent


def load(world: World, progress: Callable[[], object]) -> None:
    """Run `python -m profiles load`; the file with the (invented) personal data is removed afterwards.

    Raises:
        SystemExit: the command failed; what it said stands on stderr.
    """
    with tempfile.TemporaryDirectory(prefix="rapport-seed-") as folder:
        path = Path(folder) / "customers.jsonl"
        write_profiles(world, path, progress)
        command = [sys.executable, "-m", "profiles", "load", "--input", str(path)]
        done = subprocess.run(command, cwd=ROOT, check=False)  # noqa: S603 - our own interpreter and module
    if done.returncode != 0:
        raise SystemExit(
            f"demo: the profile service did not take the customers (exit code {done.returncode}); its words "
            "stand above. Run `python -m demo seed` again when it is mended."
        )
