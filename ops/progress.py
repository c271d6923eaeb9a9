"""What the launcher shows: a line per finished step, and one moving line (or a sign of life) for those under way."""

import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_TERMINAL_WIDTH = 100
_DOING_WIDTH = 90
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_SECONDS_BETWEEN_SIGNS = {True: 0.5, False: 20.0}


class Step:
    """One step under way: `say` what it does now, `skip` when there was nothing to do."""

    def __init__(self, name: str, usual: float | None) -> None:
        self.name = name
        self.usual = usual
        self.began = time.monotonic()
        self.doing = ""
        self.result = ""
        self.skipped = False

    def say(self, doing: str) -> None:
        """What it is at now: a line of a command's output will do, colours and all."""
        self.doing = _ESCAPES.sub("", doing)[:_DOING_WIDTH]

    def skip(self, why: str) -> None:
        """Nothing had to be done: the time is no measure for the next run."""
        self.skipped = True
        self.result = why

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def __str__(self) -> str:
        usual = f" of about {duration(self.usual)}" if self.usual else ""
        return f"{self.name} {duration(self.seconds)}{usual}{': ' if self.doing else ''}{self.doing}"


class Board:
    """Shows steps on a stream and remembers how long each took.

    Args:
        timings: a JSON file of seconds by step, read for estimates and updated.
        stream: where the lines go; a terminal gets a moving line, anything else a line now and then.
        quiet: show nothing (the steps of test systems).
    """

    def __init__(self, timings: Path, stream: TextIO | None = None, quiet: bool = False) -> None:
        self.timings = timings
        self.stream = stream or sys.stdout
        self.quiet = quiet
        self._moving = self.stream.isatty()
        self._active: list[Step] = []
        self._lock = threading.Lock()
        self._shown = False
        self._ticker: threading.Thread | None = None

    def line(self, text: str = "") -> None:
        """Print one line that stays."""
        with self._lock:
            self._print(text)

    @contextmanager
    def step(self, name: str, first_estimate: float | None = None) -> Iterator[Step]:
        """A step of this name; `first_estimate` in seconds is used until it has been measured here."""
        step = Step(name, self._remembered().get(name, first_estimate))
        with self._lock:
            self._active.append(step)
            if self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
                self._ticker.start()
        try:
            yield step
        except BaseException:
            with self._lock:
                self._active.remove(step)
                self._clear()
            raise
        if not step.skipped:
            self._remember(name, step.seconds)
        with self._lock:
            self._active.remove(step)
            self._print(f"  {name:<34}{duration(step.seconds):>9}   {step.result}".rstrip())

    def _tick(self) -> None:
        while True:
            time.sleep(_SECONDS_BETWEEN_SIGNS[self._moving])
            with self._lock:
                if not self._active:
                    self._ticker = None
                    return
                signs = [str(step) for step in self._active]
                if self._moving:
                    self._clear()
                    self._write("  … " + " | ".join(signs)[:_TERMINAL_WIDTH])
                    self._shown = True
                else:
                    for sign in signs:
                        self._write(f"  … {sign}\n")

    def _print(self, text: str) -> None:
        self._clear()
        self._write(text + "\n")

    def _clear(self) -> None:
        if self._shown:
            self._write("\r\033[K")
            self._shown = False

    def _write(self, text: str) -> None:
        if not self.quiet:
            self.stream.write(text)
            self.stream.flush()

    def _remembered(self) -> dict[str, float]:
        try:
            return {
                str(name): float(seconds) for name, seconds in json.loads(self.timings.read_text()).items()
            }
        except (OSError, ValueError, AttributeError):
            return {}

    def _remember(self, name: str, seconds: float) -> None:
        with self._lock:
            known = self._remembered() | {name: round(seconds, 1)}
            self.timings.parent.mkdir(parents=True, exist_ok=True)
            new = self.timings.with_suffix(".new")
            new.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
            new.replace(self.timings)


def duration(seconds: float) -> str:
    """`3.2 s`, or `2 min 05 s` from 100 seconds on."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def size(count: float) -> str:
    """A number of bytes for people, in powers of 1000 as package indexes show them."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
