"""Commands that a service runs beside itself, behind everything that somebody waits for."""

import asyncio
import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
NICENESS = 10


async def run_command(*arguments: str) -> int:
    """Run `python -m profiles` with these arguments in a process of its own; gives its exit code.

    Its output is thrown away. When this is cancelled the process is told to end.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "profiles", *arguments),
        cwd=REPOSITORY,
        stdout=asyncio.subprocess.DEVNULL,
        preexec_fn=lambda: os.nice(NICENESS),
    )
    try:
        return await process.wait()
    except asyncio.CancelledError:
        process.terminate()
        raise
