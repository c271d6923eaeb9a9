"""The pages of trainers. `register` is called once, when the console starts."""

from nicegui import ui

from web.console.access import TrainerSession
from web.console.kit import Node, Panel, lines
from web.console.shell import page_frame


def register() -> None:
    ui.page("/training")(start)


async def start(session: TrainerSession) -> None:
    with page_frame(session, "Training", current="/training"), Panel("Teaching the assistant"):
        Node(
            "p",
            "What the assistant understands and says is in files of the repository; docs/trainer.md explains them.",
        )
        lines(
            [
                "data/rasa/nlu and data/sentiment: what customers write, and what it means",
                "data/variants: what the assistant answers, by segment and mood",
            ]
        )
