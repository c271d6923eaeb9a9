"""The commands of the other rooms as child processes: `python -m nlu_models …`, `python -m actions …`."""

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web.training.settings import DOMAIN, MOODS, NLU, REPOSITORY, TrainingSettings
from web.training.shapes import Refused

#: The variables of this process that a command may see; keys and the database are not among them.
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TZ",
    "SSL_CERT_FILE",
    "RAPPORT_BASE_MODEL",
    "RAPPORT_CACHE",
    "RAPPORT_STATE",
    "RAPPORT_ENCODER_REGISTRY",
)

#: How long a command may take that a trainer waits for, in seconds.
PATIENCE = 180.0


@dataclass(frozen=True)
class Output:
    """How a command ended. `faults` is its error output."""

    code: int
    text: str
    faults: str

    @property
    def last_line(self) -> str:
        """What the command said last of what went wrong, on one line."""
        lines = [line.strip() for line in self.faults.splitlines() if line.strip()]
        return lines[-1] if lines else f"it ended with code {self.code} and said nothing"

    def json(self) -> Any:
        """The output as JSON.

        Raises:
            Refused: it is none: the command failed, and this says how.
        """
        try:
            return json.loads(self.text)
        except ValueError:
            raise Refused(self.last_line) from None


class Commands:
    """Runs the commands of this checkout, with no more of the environment than they need."""

    def __init__(self, settings: TrainingSettings) -> None:
        self._settings = settings

    def line(self, *words: str | Path) -> list[str]:
        """The command line of `python -m WORDS`."""
        return [str(self._settings.python), "-m", *map(str, words)]

    def of_models(self, *words: str | Path) -> list[str]:
        """The command line of `python -m nlu_models WORDS`, on the data that is taught."""
        data = self._settings.repository
        return self.line(
            "nlu_models",
            *("--nlu", data / NLU, "--sentiment", data / MOODS, "--domain", data / DOMAIN),
            *words,
        )

    def environment(self, more: Mapping[str, str] = {}) -> dict[str, str]:
        """The environment of a command."""
        return {
            **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            "PYTHONUNBUFFERED": "1",
            "RAPPORT_STATE": str(self._settings.state.resolve()),
            # On a busy machine threads that wait by spinning take the time of those that work.
            "OMP_WAIT_POLICY": "PASSIVE",
            **more,
        }

    async def run(
        self,
        command: Sequence[str],
        given: str | None = None,
        more: Mapping[str, str] = {},
        patience: float = PATIENCE,
    ) -> Output:
        """Run a command line to its end.

        Args:
            given: what it reads from standard input.
            more: variables that this command needs besides.

        Raises:
            Refused: it can't be started, or took longer than `patience` seconds and was ended.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE if given is not None else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=REPOSITORY,
                env=self.environment(more),
            )
        except OSError as error:
            raise Refused(f"{command[2]} can't be started: {error.strerror}") from error
        try:
            async with asyncio.timeout(patience):
                output, faults = await process.communicate(None if given is None else given.encode())
        except TimeoutError:
            raise Refused(f"{command[2]} took longer than {patience:.0f} s and was ended") from None
        finally:
            # Also when the trainer has left the page and the wait was cancelled.
            if process.returncode is None:
                process.kill()
                await process.wait()
        return Output(
            process.returncode or 0, output.decode(errors="replace"), faults.decode(errors="replace")
        )

    async def checked(self, *words: str | Path, given: str | None = None) -> Output:
        """Run a command of the models that must end well.

        Raises:
            Refused: it did not; says why in its own words.
        """
        output = await self.run(self.of_models(*words), given=given)
        if output.code != 0:
            raise Refused(output.last_line.removeprefix("nlu_models: "))
        return output
