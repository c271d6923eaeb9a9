"""The files that trainers may edit: read with a version, replaced whole or not at all."""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import unified_diff
from pathlib import Path, PurePosixPath

from web.training.settings import MOODS, NLU, VARIANTS
from web.training.shapes import DataFile, FileChanged, Refused

#: The folders whose files trainers edit.
FOLDERS = (NLU, MOODS, VARIANTS)


class DataFiles:
    """The files of a checkout.

    Args:
        root: the checkout.
        lock: a file that is locked while files are replaced, so that two trainers do not.
    """

    def __init__(self, root: Path, lock: Path) -> None:
        self.root = root
        self._lock = lock

    def paths(self, *folders: str) -> tuple[str, ...]:
        """The files of some folders, of all if none is named, as paths relative to the root."""
        return tuple(
            str(PurePosixPath(folder) / file.relative_to(self.root / folder).as_posix())
            for folder in folders or FOLDERS
            for file in sorted((self.root / folder).glob("**/*.yml"))
        )

    def read(self, path: str) -> DataFile:
        """
        Raises:
            Refused: it is no file that trainers may edit, or can't be read.
        """
        if path not in self.paths():
            raise Refused(f"{path} is none of the files that are edited here")
        try:
            text = (self.root / path).read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{path} can't be read ({type(error).__name__})") from error
        return DataFile(path, text, version_of(text))

    def replace(self, changes: Sequence[tuple[str, str, str]]) -> None:
        """Replace files, each given as path, version before and new text; all of them or, if one can't be, none.

        Raises:
            FileChanged: one is not as it was.
            Refused: it can't be written.
        """
        with self._locked():
            before = {path: self.read(path) for path, _, _ in changes}
            for path, version, _ in changes:
                if before[path].version != version:
                    raise FileChanged(f"{path} was changed in the meantime; look at it again")
            replaced: list[str] = []
            try:
                for path, _, text in changes:
                    self._write(path, text)
                    replaced.append(path)
            except OSError as error:
                for done in replaced:
                    self._write(done, before[done].text)
                raise Refused(f"{path} can't be written: {error.strerror}") from error

    def _write(self, path: str, text: str) -> None:
        file = self.root / path
        # Whoever reads the folder meanwhile does not take it for one of its files.
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            with partial.open("wb") as output:
                output.write(text.encode("utf-8"))
                output.flush()
                os.fsync(output.fileno())
            partial.chmod(file.stat().st_mode & 0o777)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def version_of(text: str) -> str:
    """What stands for a file's text: it changes with any byte of it."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def diff(path: str, before: str, after: str) -> str:
    """Unified, with three lines around each change; empty when nothing changes."""
    lines = unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), path, path, n=3)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def overlaid(files: DataFiles, folders: Sequence[str], drafts: Mapping[str, str], target: Path) -> None:
    """Copy folders to `target`, with the drafts in the place of their files."""
    for path in files.paths(*folders):
        copy = target / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(drafts[path].encode("utf-8") if path in drafts else (files.root / path).read_bytes())
