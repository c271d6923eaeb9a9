"""The page of the models: train, see which there are and which serves, go back to the one before."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from nicegui import ui

from web.console.access import Session, TrainerSession
from web.console.kit import Button, Chip, Frame, Node, Notice, Panel, Table, When, confirm, link
from web.console.kit.tables import Cell
from web.console.training import addresses
from web.console.training.desk import by, learn_names, told, trainer_page, training, who
from web.console.training.job_panel import JobPanel
from web.console.training.report import report_of
from web.training.models import FIGURES
from web.training.shapes import Model, Models, Promotion

_SHOWN_CHANGES = 10
_HOW = {"promote": "Promoted", "rollback": "Rolled back to", "train": "Promoted by its training"}


async def show(session: TrainerSession) -> None:
    with trainer_page(session, "Models", "/training/models") as frame:
        page = _ModelsPage(session, frame)
    ui.timer(0, page.load, once=True)


class _ModelsPage:
    def __init__(self, session: Session, frame: Frame) -> None:
        self._session = session
        self._frame = frame
        self._models: Models | None = None
        JobPanel(session, frame, self.load)
        self._waiting = Notice("Reading the models…")
        self._content = Node("div", "", "stack", hidden=True)
        with self._content:
            with Panel("Models"):
                self._table = Table(
                    "Models, the newest first",
                    ["Model", "Made", "More", *(figure.title for figure in FIGURES)],
                    [],
                    empty="There is no model yet. Start a training.",
                    hide_caption=True,
                )
                Node("p", "Figures are of the part of its own data that each model was not taught.", "hint")
                with Node("div", "", "buttons"):
                    self._back = Button("Roll back…", self._rollback, kind="danger")
            with Panel("What served when"):
                self._history = Table(
                    "Changes of the serving model", ["When", "Model", "How", "Who"], [], hide_caption=True
                )

    async def load(self) -> None:
        with told(self._frame):
            self._models = await training().models()
            await learn_names()
            self._show(self._models)
        self._waiting.show("")

    def _show(self, models: Models) -> None:
        self._table.show([self._row(model) for model in models.models])
        self._history.show([self._change(change) for change in models.history[:_SHOWN_CHANGES]])
        self._back.enable(len(models.history) > 1)
        self._content.put(hidden=None)

    def _row(self, model: Model) -> Sequence[Cell]:
        figures = [
            "–" if (value := model.figures.get(figure.name)) is None else figure.written(value)
            for figure in FIGURES
        ]
        made = partial(When, datetime.fromisoformat(model.made_at)) if model.made_at else "–"
        return [partial(_name, model), made, partial(_links, model), *figures]

    def _change(self, change: Promotion) -> Sequence[Cell]:
        return [
            partial(When, datetime.fromisoformat(change.at)),
            change.model_id[:10],
            _HOW.get(change.how, change.how),
            who(self._session, change.who),
        ]

    async def _rollback(self) -> None:
        back = returning(self._models) if self._models else None
        if back is None or self._models is None:
            self._frame.toasts.show("No model was promoted before this one.")
            return
        if not await confirm(
            "Roll back?",
            f"Model {_named(self._models, back)} serves again in place of {(self._models.live or '')[:10]}, "
            "in the middle of conversations and within about a second.",
            "Roll back",
            kind="danger",
        ):
            return
        with told(self._frame):
            await training().rollback(by(self._session))
            await self.load()
            live = self._models.live if self._models else None
            self._frame.toasts.show(f"Rolled back. Model {(live or '')[:10]} serves again.", "good")


def returning(models: Models) -> str | None:
    """The model that rolling back lets serve again: the one promoted before, without those rolled back since."""
    line: list[str] = []
    for change in reversed(models.history):
        if change.how == "rollback":
            line = line[:-1]
        if line[-1:] != [change.model_id]:
            line.append(change.model_id)
    return line[-2] if len(line) > 1 else None


def _named(models: Models, model_id: str) -> str:
    """A model with the day on which it was made."""
    made = next((model.made_at for model in models.models if model.model_id == model_id), None)
    return f"{model_id[:10]} (made {made[:10]})" if made else model_id[:10]


def _name(model: Model) -> None:
    with Node("span", "", "chips"):
        Node("code", model.model_id[:10])
        if model.live:
            Chip("Serves", "good")


def _links(model: Model) -> None:
    with Node("span", "", "chips"):
        if not model.live:
            link(
                "Compare with live",
                addresses.of_model(model.model_id),
                aria_label=f"Compare {model.model_id[:10]}",
            )
        if report_of(model.model_id) is not None:
            link(
                "Report",
                addresses.of_report(model.model_id),
                aria_label=f"Report on {model.model_id[:10]}, in a new window",
                target="_blank",
            )
