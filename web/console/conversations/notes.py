"""Notes for colleagues; the customer never sees them."""

from collections.abc import Awaitable, Callable, Sequence

from web.agents.schemas import Note
from web.console.kit import Button, Form, Node, Panel, TextArea, Values, When


class Notes:
    """The notes, newest last, and a field for another.

    Args:
        add: keeps a note; says whether that is done.
    """

    def __init__(self, add: Callable[[str], Awaitable[bool]]) -> None:
        self._add = add
        self._shown: list[Note] = []
        with Panel("Notes for colleagues"):
            self._none = Node("p", "None yet. The customer never sees notes.")
            self._list = Node("ul", "", "notes")
            with Form(self._submit, label="New note"):
                self._field = TextArea("New note", "text", rows=2)
                Button("Add note", submits=True)

    def show(self, notes: Sequence[Note]) -> None:
        self._none.put(hidden=True if notes else None)
        known = {note.note_id for note in self._shown}
        with self._list:
            for note in notes:
                if note.note_id not in known:
                    _note(note)
        self._shown = list(notes)

    async def _submit(self, values: Values) -> None:
        text = values["text"].strip()
        self._field.error("" if text else "Write the note first.")
        if text and await self._add(text):
            self._field.clear_if(text)


def _note(note: Note) -> None:
    with Node("li", "", "note"):
        with Node("p", "", "message-head"):
            Node("strong", note.author)
            When(note.at)
        Node("p", note.text, dir="auto")
