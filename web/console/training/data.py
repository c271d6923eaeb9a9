"""The page of the data: how much of each intent and mood there is, and where."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from nicegui import ui

from web.console.access import TrainerSession
from web.console.kit import Disclosure, Frame, Node, Notice, Panel, Table, TextField, link
from web.console.kit.tables import Cell
from web.console.training import addresses
from web.console.training.desk import told, trainer_page, training
from web.console.training.words import counted, meanings
from web.console.words import humanised
from web.training.shapes import IntentSummary, UtteranceBlock


async def show(session: TrainerSession) -> None:
    with trainer_page(session, "Data", "/training/data") as frame:
        waiting = Notice("Reading the files…")
        content = Node("div", "", "stack")

    async def load() -> None:
        with content:
            await _load(frame)
        waiting.show("")

    ui.timer(0, load, once=True)


async def _load(frame: Frame) -> None:
    with told(frame):
        _intents(await training().intents())
    with told(frame):
        _moods(await training().moods())
    with told(frame), Panel("Whole files"), Disclosure("All files, also those of the replies"):
        Node("p", "For what the other pages don't reach: comments, synonyms, new blocks.")
        with Node("ul", "", "lines"):
            for path in await training().files():
                with Node("li"):
                    link(path, addresses.of_file(path))


def _intents(summaries: Sequence[IntentSummary]) -> None:
    with Panel("What customers want"):
        total = sum(summary.utterances for summary in summaries)
        Node("p", f"{counted(len(summaries), 'intent')} with {counted(total, 'utterance')}.")
        search = TextField(
            "Search the intents", "intent-search", kind="search", hint="By name or by what they mean."
        )
        search.control.put(data_search="")
        with Node("ul", "", "catalogue") as listed:
            for summary in summaries:
                with Node("li", "", "entry", data_option=""):
                    with Node("span", "", "entry-name"):
                        link(humanised(summary.name), addresses.of_intent(summary.name))
                        Node("code", summary.name)
                    Node("span", counted(summary.utterances, "utterance"), "number")
                    Node("span", meanings().get(summary.name, ""), "hint")
            Node("p", "No intent fits this search.", "hint", hidden=True, data_none="")
        search.control.put(data_filters=listed.html_id)


def _moods(blocks: Sequence[UtteranceBlock]) -> None:
    counts: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for block in blocks:
        counts[block.label] += len(block.utterances)
        files[block.label] += 1
    rows: list[list[Cell]] = [
        [
            partial(link, humanised(label), addresses.of_mood(label)),
            f"{number:,}",
            counted(files[label], "file"),
        ]
        for label, number in counts.items()
    ]
    with Panel("How customers sound"):
        Table("Moods", ["Mood", "Messages", "In"], rows, hide_caption=True)
