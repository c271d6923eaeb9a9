"""The page on which the utterances of an intent, or the messages of a mood, are edited, one a line."""

import re
from collections.abc import Awaitable, Callable, Sequence

from web.console.access import Session, TrainerSession
from web.console.kit import EmptyState, Form, Frame, Node, Panel, Values, link
from web.console.training import addresses
from web.console.training.desk import told, trainer_page, training
from web.console.training.editor import LineEditor, LineFault, text_of
from web.console.training.parts import Press
from web.console.training.saving import Saving, Source
from web.console.training.words import counted, located, meanings
from web.console.words import humanised
from web.training import utterance_blocks
from web.training.shapes import Draft, Fault, Refused, UtteranceBlock
from web.training.utterance_blocks import NotEditable

Read = Callable[[], Awaitable[Sequence[UtteranceBlock]]]
_HINT = "Mark entities like this: where is [RP-100234](order_id). Empty lines are left out."


async def of_intent(session: TrainerSession, label: str) -> None:
    about = meanings().get(label)
    await _show(session, label, f"The customer wants {about}." if about else "", _read_intent(label))


async def of_mood(session: TrainerSession, label: str) -> None:
    await _show(session, label, f"Messages that sound {label}.", _read_mood(label))


def _read_intent(label: str) -> Read:
    return lambda: training().utterances(label)


def _read_mood(label: str) -> Read:
    async def read() -> Sequence[UtteranceBlock]:
        return [block for block in await training().moods() if block.label == label]

    return read


async def _show(session: Session, label: str, about: str, read: Read) -> None:
    with trainer_page(session, humanised(label), "/training/data") as frame:
        with Node("p"):
            link("← All data", "/training/data")
        Node("p", about)
        blocks: Sequence[UtteranceBlock] = ()
        with told(frame):
            blocks = await read()
        if not blocks:
            EmptyState("Nothing here", "No file holds a block of it; add one in a whole file.")
        for place, block in enumerate(blocks):
            _BlockEditor(session, frame, block, place, read)


class _BlockEditor:
    """The utterances of one block. `place` is its place among those of its label."""

    def __init__(self, session: Session, frame: Frame, block: UtteranceBlock, place: int, read: Read) -> None:
        self._block = block
        self._place = place
        self._read = read
        with Panel(block.path):
            with Node("div", "", "bar"):
                self._count = Node("p", "", "hint")
                link("The whole file", addresses.of_file(block.path, block.line))
            self._tell()
            with Form(self._check, label=block.path):
                self._editor = LineEditor(
                    "Utterances, one a line",
                    "utterances",
                    "\n".join(block.utterances),
                    rows=min(22, len(block.utterances) + 2),
                    hint=_HINT,
                )
                source = Source(self._draft, self._faults, self._renew)
                self._saving = Saving(session, frame, self._editor, source)
                with Node("div", "", "buttons"):
                    Press("Save…", self._save, kind="primary", describes=f"Save {block.path}…")
                    Press("Check", self._check, describes=f"Check {block.path}")

    def _tell(self) -> None:
        self._count.say(f"{counted(len(self._block.utterances), 'utterance')}, from line {self._block.line}.")

    async def _save(self, values: Values) -> None:
        await self._saving.save(values["utterances"])

    async def _check(self, values: Values) -> None:
        await self._saving.check(values["utterances"])

    async def _draft(self, text: str) -> Draft:
        self._written = text_of(text).split("\n")
        return await training().draft_utterances(self._block, self._written)

    async def _renew(self) -> None:
        blocks = await self._read()
        if self._place >= len(blocks) or blocks[self._place].path != self._block.path:
            raise Refused(f"{self._block.path} has no block of {self._block.label} any more")
        self._block = blocks[self._place]
        self._tell()

    def _faults(self, draft: Draft) -> list[LineFault]:
        places = editor_lines(draft, self._block, self._written)
        return [line_fault(fault, draft.path, places) for fault in draft.faults]


def editor_lines(draft: Draft, block: UtteranceBlock, written: Sequence[str]) -> dict[int, int]:
    """For each line of the draft that holds an utterance of the block, its line in the editor (from 0)."""
    kind = utterance_blocks.MOODS if "sentiment" in draft.path else utterance_blocks.NLU
    try:
        found = utterance_blocks.blocks(draft.text, kind)
    except NotEditable:
        return {}
    mine = next((at for at in found if at.label == block.label and at.lines[0] + 1 == block.line), None)
    if mine is None:
        return {}
    filled = [place for place, text in enumerate(written) if text.strip()]
    return {line + 1: place for line, place in zip(mine.lines, filled, strict=False)}


def line_fault(fault: Fault, path: str, places: dict[int, int]) -> LineFault:
    """A fault at its line of the editor; one elsewhere that names a line of it is told there."""
    named = re.search(r" at ([\w./-]+\.yml):(\d+)", fault.message)
    if fault.path == path and fault.line in places:
        return LineFault(places[fault.line], fault.message)
    href = addresses.of_fault(fault)
    where = f"{located(fault.path, fault.line)}: {fault.message}"
    if named and named[1] == path and int(named[2]) in places:
        return LineFault(places[int(named[2])], where, href)
    return LineFault(None, where, href)
