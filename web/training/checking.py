"""Is changed data usable? The commands that will read it say so, of a copy, before anything is saved."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from web.training.commands import Commands
from web.training.files import DataFiles, overlaid
from web.training.settings import DECISIONS, DOMAIN, MOODS, NLU, VARIANTS
from web.training.shapes import Fault


@asynccontextmanager
async def copied(files: DataFiles, drafts: Mapping[str, str]) -> AsyncIterator[Path]:
    """A temporary copy of the data, with the drafts in the place of its files."""
    copy = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="rapport-check-"))

    def fill() -> None:
        overlaid(files, (NLU, MOODS, VARIANTS), drafts, copy)
        shutil.copytree(files.root / DECISIONS, copy / DECISIONS)

    try:
        await asyncio.to_thread(fill)
        yield copy
    finally:
        await asyncio.to_thread(shutil.rmtree, copy, ignore_errors=True)


async def faults_of(commands: Commands, files: DataFiles, drafts: Mapping[str, str]) -> tuple[Fault, ...]:
    """What would be wrong if the drafts (path and text) were saved.

    Raises:
        Refused: the commands can't be run.
    """
    faults: list[Fault] = []
    async with copied(files, drafts) as copy:
        if any(path.startswith((NLU, MOODS)) for path in drafts):
            faults += await _of_utterances(commands, files, copy)
        if any(path.startswith(VARIANTS) for path in drafts):
            faults += await _of_variants(commands, copy)
    return tuple(faults)


async def _of_utterances(commands: Commands, files: DataFiles, copy: Path) -> list[Fault]:
    command = commands.line(
        "nlu_models",
        *("--nlu", copy / NLU, "--sentiment", copy / MOODS, "--domain", files.root / DOMAIN),
        *("check", "--json"),
    )
    output = await commands.run(command)
    return [_fault(found, copy) for found in output.json()["faults"]]


async def _of_variants(commands: Commands, copy: Path) -> list[Fault]:
    command = commands.line("actions", "publish", "--dry-run", "--json", "--data", copy / "data")
    output = await commands.run(command)
    return variant_faults(output.json()["faults"], copy)


def variant_faults(found: list[dict[str, Any]], copy: Path) -> list[Fault]:
    """Faults of `python -m actions`, with paths of the repository."""
    return [_fault({**fault, "message": f"{fault['path']}: {fault['message']}"}, copy) for fault in found]


def _fault(found: dict[str, Any], copy: Path) -> Fault:
    def of_repository(text: str) -> str:
        return text.replace(f"{copy}/", "")

    return Fault(of_repository(str(found["file"])), int(found["line"]), of_repository(str(found["message"])))
