"""Check, show what would change, save: the same for every editor."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from web.console.access import Session
from web.console.kit import Frame, Node
from web.console.training.desk import by, told, training
from web.console.training.editor import LineEditor, LineFault
from web.console.training.parts import added_lines, ask, diff_view, ranges
from web.console.training.words import counted
from web.training.shapes import Draft, Faulty, FileChanged


@dataclass(frozen=True)
class Source:
    """How an editor's text becomes a file, and how it is read again.

    Attributes:
        draft: the changed file, checked and not saved.
        faults: those of the draft, as lines of the editor.
        renew: reads what is saved now, so that the next draft is of it; the editor's text stays.
    """

    draft: Callable[[str], Awaitable[Draft]]
    faults: Callable[[Draft], Sequence[LineFault]]
    renew: Callable[[], Awaitable[None]]


class Saving:
    """Behind the buttons of an editor. Whatever goes wrong, the text stays in its field."""

    def __init__(self, session: Session, frame: Frame, editor: LineEditor, source: Source) -> None:
        self._session = session
        self._frame = frame
        self._editor = editor
        self._source = source
        self._status = Node("p", "", "hint", role="status")

    async def check(self, text: str) -> Draft | None:
        """Say what is wrong, line by line.

        Returns:
            The draft, also one with faults; None when it could not be made.
        """
        self._status.say("Checking…")
        with told(self._frame):
            draft = await self._drafted(text)
            self._show(draft)
            return draft
        self._status.say("It could not be checked. Your text is kept.")
        return None

    async def save(self, text: str) -> bool:
        """Save what is well, after the trainer has seen the difference; whether it was saved."""
        draft = await self.check(text)
        if draft is None or draft.faults:
            return False
        if not draft.diff:
            self._frame.toasts.show("Nothing has changed.")
            return False

        def fill() -> None:
            Node("p", f"This is what changes in {draft.path}.")
            diff_view(f"Changes in {draft.path}", draft.diff)

        if not await ask("Save these changes", fill, "Save"):
            self._status.say("Not saved. Your text is kept.")
            return False
        return await self._saved(draft)

    async def _saved(self, draft: Draft) -> bool:
        with told(self._frame):
            try:
                await training().save(draft, by(self._session))
            except Faulty as error:
                self._show(Draft(draft.path, draft.text, draft.before, draft.diff, error.faults))
                return False
            except FileChanged:
                await self._source.renew()
                raise
            await self._source.renew()
            self._editor.saved()
            places = added_lines(draft.diff)
            where = f"{draft.path}, {ranges(places)}" if places else draft.path
            self._status.say(f"Saved: {where}.")
            self._frame.toasts.show(f"Saved: {where}.", "good")
            return True
        self._status.say("Not saved. Your text is kept.")
        return False

    async def _drafted(self, text: str) -> Draft:
        try:
            return await self._source.draft(text)
        except FileChanged as changed:
            await self._source.renew()
            self._frame.toasts.show(
                f"{changed}. Your text is kept; the difference is now to what is saved there.", "bad"
            )
            return await self._source.draft(text)

    def _show(self, draft: Draft) -> None:
        faults = self._source.faults(draft)
        self._editor.show_faults(faults)
        if faults:
            self._status.say(f"{counted(len(faults), 'fault')}. Nothing was saved; your text is kept.")
            first = next((fault.line for fault in faults if fault.line is not None), None)
            if first is not None:
                self._editor.go_to(first)
        else:
            self._status.say(
                "No faults. It is not saved yet." if draft.diff else "No faults; nothing differs."
            )
