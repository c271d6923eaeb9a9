"""Hands the customers to the profile service, through its own command."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

from demo.files import write_profiles
from demo.records import World

ROOT = Path(__file__).resolve().parent.parent.parent


@contextlib.contextmanager
def loading(progress: Callable[[], object]) -> Iterator[Callable[[World], object]]:
    """Run `python -m profiles load` beside what is done within, and await its end.

    It makes itself ready while the world is made, and takes the customers of the world that the given function
    is called with from a pipe: the (invented) personal data is in no file.

    Raises:
        SystemExit: the command failed; what it said stands on stderr.
    """
    command = [sys.executable, "-m", "profiles", "load", "--input", "/dev/stdin"]
    with (
        subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, cwd=ROOT, stdin=subprocess.PIPE, encoding="utf-8"
        ) as running,
        ThreadPoolExecutor(1, "hand-over") as beside,
    ):
        assert running.stdin is not None  # noqa: S101 - it is a pipe
        pipe = running.stdin
        try:
            yield lambda world: beside.submit(_hand_over, world, pipe, progress)
        except BaseException:
            running.terminate()
            raise
    if running.returncode != 0:
        raise SystemExit(
            f"demo: the profile service did not take the customers (exit code {running.returncode}); its words "
            "stand above. Run `python -m demo seed` again when it is mended."
        )


def _hand_over(world: World, pipe: IO[str], progress: Callable[[], object]) -> None:
    # Who ends before the last customer has said why.
    with contextlib.suppress(BrokenPipeError), pipe:
        write_profiles(world, pipe, progress)
