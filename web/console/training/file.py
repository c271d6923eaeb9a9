"""The page on which a whole file is edited, as it stands."""

from web.console.access import Session, TrainerSession
from web.console.kit import EmptyState, Form, Frame, Node, Panel, Values, link
from web.console.training import addresses
from web.console.training.desk import sentence, trainer_page, training
from web.console.training.editor import LineEditor, LineFault, text_of
from web.console.training.parts import Press
from web.console.training.saving import Saving, Source
from web.console.training.words import counted, located
from web.training.settings import VARIANTS
from web.training.shapes import DataFile, Draft, Fault, Refused


async def show(session: TrainerSession, path: str, line: int = 0) -> None:
    """`line`: where to begin, from 1."""
    of_replies = path.startswith(VARIANTS)
    here = "/training/replies" if of_replies else "/training/data"
    with trainer_page(session, path.rpartition("/")[2] or "File", here) as frame:
        with Node("p"):
            link("← All replies" if of_replies else "← All data", here)
        try:
            file = await training().file(path)
        except Refused as error:
            EmptyState("This file can't be edited here", sentence(str(error)))
            return
        editor = _FileEditor(session, frame, file)
        if line:
            editor.begin_at(line)


class _FileEditor:
    def __init__(self, session: Session, frame: Frame, file: DataFile) -> None:
        self._file = file
        with Panel(file.path), Form(self._check, label=file.path):
            lines = file.text.count("\n") + 1
            self._editor = LineEditor(
                "Content",
                "text",
                file.text.replace("\r\n", "\n"),
                rows=min(34, lines + 1),
                hint=f"YAML, {counted(lines, 'line')}. Comments and order stay as they are.",
            )
            self._saving = Saving(
                session, frame, self._editor, Source(self._draft, self._faults, self._renew)
            )
            with Node("div", "", "buttons"):
                Press("Save…", self._save, kind="primary")
                Press("Check", self._check)

    def begin_at(self, line: int) -> None:
        self._editor.begin_at(line - 1)

    async def _save(self, values: Values) -> None:
        await self._saving.save(values["text"])

    async def _check(self, values: Values) -> None:
        await self._saving.check(values["text"])

    async def _draft(self, text: str) -> Draft:
        text = text_of(text)
        if "\r\n" in self._file.text:
            text = text.replace("\n", "\r\n")
        return await training().draft_file(self._file.path, text, self._file.version)

    async def _renew(self) -> None:
        self._file = await training().file(self._file.path)

    def _faults(self, draft: Draft) -> list[LineFault]:
        return [file_fault(draft.path, fault.path, fault.line, fault.message) for fault in draft.faults]


def file_fault(edited: str, path: str, line: int, message: str, first: int = 1) -> LineFault:
    """A fault as a line of an editor that begins with line `first` of the edited file."""
    if path == edited and line >= first:
        return LineFault(line - first, message)
    return LineFault(
        None, f"{located(path, line)}: {message}", addresses.of_fault(Fault(path, line, message))
    )
