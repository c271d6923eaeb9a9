"""Files below `RAPPORT_STATE`: the lake of events, and logs."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

from profiles.events.envelope import Event
from profiles.lake.files import events_of
from profiles.lake.lake import Lake
from profiles.rights.people import CUSTOMERS, DEVICES
from profiles.rights.places import Shown, Surroundings, shown
from profiles.rights.stores import FileStore, Identifiers


class LakePlace:
    """The lake, see `places.Place`."""

    empties = True

    def __init__(self, store: FileStore, around: Surroundings) -> None:
        self.title = store.title
        self._lake = Lake(around.state / store.folder, around.engine, around.vault)

    async def count(self, identifiers: Identifiers) -> int:
        return len(await self._events(identifiers))

    async def show(self, identifiers: Identifiers) -> list[Shown]:
        return shown(await self._events(identifiers), identifiers)

    async def _events(self, identifiers: Identifiers) -> list[Event]:
        customers, devices = identifiers.get(CUSTOMERS, set()), identifiers.get(DEVICES, set())
        return events_of(await self._lake.of_people(customers, devices))

    async def erase(self, identifiers: Identifiers, pseudonym: str) -> int:
        return await self._lake.forget(identifiers.get(CUSTOMERS, set()), identifiers.get(DEVICES, set()))


class LogsPlace:
    """Lines of logs that name an id of the person.

    Ids are overwritten in place with as many letters, for the processes hold the files open and go on writing at
    their ends.
    """

    empties = True

    def __init__(self, store: FileStore, around: Surroundings) -> None:
        self.title = store.title
        self._folder = around.state / store.folder
        self._pattern = store.pattern
        self._kinds = store.ids

    async def count(self, identifiers: Identifiers) -> int:
        return len(await self.show(identifiers))

    async def show(self, identifiers: Identifiers) -> list[Shown]:
        return await asyncio.to_thread(lambda: list(self._lines(identifiers)))

    async def erase(self, identifiers: Identifiers, pseudonym: str) -> int:
        return await asyncio.to_thread(self._overwrite, identifiers)

    def _lines(self, identifiers: Identifiers) -> Iterator[Shown]:
        expression = self._expression(identifiers)
        for file in self._files() if expression else ():
            with file.open("rb") as opened:
                for line in opened:
                    if expression and expression.search(line):
                        yield {"file": file.name, "line": line.decode(errors="replace").rstrip()}

    def _overwrite(self, identifiers: Identifiers) -> int:
        expression = self._expression(identifiers)
        count = 0
        for file in self._files() if expression else ():
            with file.open("r+b") as opened:
                start = 0
                for line in iter(opened.readline, b""):
                    end = opened.tell()
                    for match in expression.finditer(line) if expression else ():
                        opened.seek(start + match.start())
                        opened.write(b"x" * len(match[0]))
                        count += 1
                    opened.seek(end)
                    start = end
        return count

    def _files(self) -> list[Path]:
        return sorted(file for file in self._folder.glob(self._pattern) if file.is_file())

    def _expression(self, identifiers: Identifiers) -> re.Pattern[bytes] | None:
        ids = sorted({one for kind in self._kinds for one in identifiers.get(kind, ())})
        if not ids:
            return None
        whole = "|".join(re.escape(one) for one in ids)
        return re.compile(rf"(?<![A-Za-z0-9_-])(?:{whole})(?![A-Za-z0-9_-])".encode())
