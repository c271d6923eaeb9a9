"""The page of one reply: its texts, and what each persona would read, before anything is saved."""

from web.console.access import Session, TrainerSession
from web.console.kit import EmptyState, Form, Frame, Node, Panel, Select, TextField, Values, link
from web.console.training import addresses
from web.console.training.desk import sentence, told, trainer_page, training
from web.console.training.editor import LineEditor, LineFault, text_of
from web.console.training.file import file_fault
from web.console.training.parts import Press
from web.console.training.preview import show_preview
from web.console.training.saving import Saving, Source
from web.console.words import MOODS, humanised
from web.training.shapes import Draft, Refused, ReplySource

#: A conversation is no longer than that.
_MOST_TURNS = 500


async def show(session: TrainerSession, name: str) -> None:
    with trainer_page(session, humanised(name.removeprefix("utter_")), "/training/replies") as frame:
        with Node("p"):
            link("← All replies", "/training/replies")
        try:
            source = await training().reply(name)
        except Refused as error:
            EmptyState("There is no such reply", sentence(str(error)))
            return
        _ReplyEditor(session, frame, source)


class _ReplyEditor:
    def __init__(self, session: Session, frame: Frame, source: ReplySource) -> None:
        self._frame = frame
        self._source = source
        with Form(self._preview, label=source.reply):
            with Panel(source.reply):
                with Node("div", "", "bar"):
                    Node("p", source.path, "hint")
                    link("The whole file", addresses.of_file(source.path, source.line))
                self._editor = LineEditor(
                    "Default and variants",
                    "text",
                    source.text.replace("\r\n", "\n").removesuffix("\n"),
                    first=source.line,
                    rows=min(28, source.text.count("\n") + 2),
                    hint="The first variant whose condition holds is used, else the default. Texts are Liquid.",
                )
                parts = Source(self._draft, self._faults, self._renew)
                self._saving = Saving(session, frame, self._editor, parts)
                with Node("div", "", "buttons"):
                    Press("Save…", self._save, kind="primary")
                    Press("Check", self._check)
            with Panel("Preview"):
                Node("p", "As it would be with the text above, saved or not.", "hint")
                with Node("div", "", "filters three"):
                    Select(
                        "The message sounds", "mood", {str(m): words for m, words in MOODS.items()}, "neutral"
                    )
                    self._turns = TextField("Messages before it", "turns", "0")
                    self._turns.control.put(inputmode="numeric")
                    Press("Preview for everyone", self._preview)
                self._lines = Node("div", "", "readers", aria_live="polite")

    async def _save(self, values: Values) -> None:
        await self._saving.save(values["text"])

    async def _check(self, values: Values) -> None:
        await self._saving.check(values["text"])

    async def _preview(self, values: Values) -> None:
        turns = values["turns"].strip()
        fits = turns.isdecimal() and int(turns) <= _MOST_TURNS
        self._turns.error("" if fits else f"A number from 0 to {_MOST_TURNS}.")
        draft = await self._saving.check(values["text"]) if fits else None
        if draft is None or draft.faults:
            return
        self._lines.clear()
        with self._lines:
            Node("p", "Asking for each persona…", "hint")
        with told(self._frame):
            shown = await training().preview(self._source.reply, draft, values["mood"], int(turns))
            show_preview(self._lines, shown)
            return
        self._lines.clear()

    async def _draft(self, text: str) -> Draft:
        text = f"{text_of(text).rstrip()}\n"
        if "\r\n" in self._source.text:
            text = text.replace("\n", "\r\n")
        if not self._source.text.endswith("\n"):
            text = text.rstrip("\r\n")
        return await training().draft_reply(self._source, text)

    async def _renew(self) -> None:
        self._source = await training().reply(self._source.reply)
        self._editor.starts_at(self._source.line)

    def _faults(self, draft: Draft) -> list[LineFault]:
        first = self._source.line
        return [
            file_fault(draft.path, fault.path, fault.line, fault.message, first) for fault in draft.faults
        ]
