"""Hands the customers to the profile service, through its own command."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.files import write_profiles
from demo.records import World

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def loading(world: World, progress: Callable[[], object]) -> Iterator[None]:
    """Run `python -m profiles load` beside what is done within, and await its end.

    The file with the (invented) personal data is removed afterwards.

    Raises:
        SystemExit: the command failed; what it said stands on stderr.
    """
    with tempfile.TemporaryDirectory(prefix="rapport-seed-") as folder:
        path = Path(folder) / "customers.jsonl"
        write_profiles(world, path, progress)
        command = [sys.executable, "-m", "profiles", "load", "--input", str(path)]
        with subprocess.Popen(command, cwd=ROOT) as running:  # noqa: S603 - our own interpreter and module
            try:
                yield
            except BaseException:
                running.terminate()
                raise
    if running.returncode != 0:
        raise SystemExit(
            f"demo: the profile service did not take the customers (exit code {running.returncode}); its words "
            "stand above. Run `python -m demo seed` again when it is mended."
        )
