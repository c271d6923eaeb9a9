"""The page of the replies: which there are, with their variants, and publication."""

import asyncio
from collections.abc import Sequence
from typing import Any

import yaml
from nicegui import ui

from web.console.access import TrainerSession
from web.console.kit import Frame, Node, Notice, Panel, TextField, link
from web.console.training import addresses
from web.console.training.desk import told, trainer_page, training
from web.console.training.publishing import PublishPanel
from web.console.training.words import counted
from web.console.words import humanised


async def show(session: TrainerSession) -> None:
    with trainer_page(session, "Replies", "/training/replies") as frame:
        publishing = PublishPanel(session, frame)
        waiting = Notice("Reading the files…")
        content = Node("div", "", "stack")

    async def load() -> None:
        with told(frame):
            await publishing.refresh()
        with content:
            await _load(frame)
        waiting.show("")

    ui.timer(0, load, once=True)


async def _load(frame: Frame) -> None:
    with told(frame):
        replies = await training().replies()
        paths = list(dict.fromkeys(path for _, path in replies))
        variants: dict[str, list[str]] = {}
        for path in paths:
            text = (await training().file(path)).text
            variants.update(await asyncio.to_thread(variants_of, text))
        _list(replies, variants)
        with Panel("Whole files"), Node("ul", "", "lines"):
            for path in paths:
                with Node("li"):
                    link(path, addresses.of_file(path))


def _list(replies: Sequence[tuple[str, str]], variants: dict[str, list[str]]) -> None:
    with Panel("What the assistant says"):
        texts = sum(1 + len(variants.get(name, ())) for name, _ in replies)
        Node("p", f"{counted(len(replies), 'reply', 'replies')} with {counted(texts, 'text')}.")
        search = TextField(
            "Search the replies", "reply-search", kind="search", hint="By name, variant or file."
        )
        search.control.put(data_search="")
        with Node("ul", "", "catalogue") as listed:
            for name, path in replies:
                with Node("li", "", "entry", data_option=""):
                    with Node("span", "", "entry-name"):
                        link(humanised(name.removeprefix("utter_")), addresses.of_reply(name))
                        Node("code", name)
                    Node("span", path.rpartition("/")[2], "number")
                    named = ", ".join(humanised(variant) for variant in variants.get(name, ()))
                    Node("span", f"Default; {named}" if named else "Default only", "hint")
            Node("p", "No reply fits this search.", "hint", hidden=True, data_none="")
        search.control.put(data_filters=listed.html_id)


def variants_of(text: str) -> dict[str, list[str]]:
    """The names of each reply's variants; nothing of a file that is broken."""
    try:
        replies = yaml.safe_load(text)["replies"]
        return {str(name): list(map(_name, reply.get("variants") or ())) for name, reply in replies.items()}
    except (yaml.YAMLError, AttributeError, KeyError, TypeError):
        return {}


def _name(variant: dict[str, Any]) -> str:
    return str(variant.get("name", "without a name"))
