"""The page of a candidate beside the model that serves: figures, and what would be understood differently."""

from collections.abc import Sequence
from functools import partial

from nicegui import ui

from web.console.access import Session, TrainerSession
from web.console.kit import Button, Chip, Frame, Node, Notice, Panel, Table, confirm, facts, link
from web.console.kit.tables import Cell
from web.console.training import addresses
from web.console.training.desk import by, told, trainer_page, training
from web.console.training.report import report_of
from web.console.training.words import counted, percent
from web.console.words import humanised
from web.training.shapes import ChangedPrediction, Comparison, Metric

_READING = "Both models read recent messages now; that takes some seconds."


async def show(session: TrainerSession, model_id: str) -> None:
    with trainer_page(session, f"Model {model_id[:10]}", "/training/models") as frame:
        with Node("p"):
            link("← All models", "/training/models")
        page = _ComparisonPage(session, frame, model_id)
    ui.timer(0, page.load, once=True)


class _ComparisonPage:
    def __init__(self, session: Session, frame: Frame, model_id: str) -> None:
        self._session = session
        self._frame = frame
        self._model_id = model_id
        self._waiting = Notice(_READING)
        with Node("div", "", "buttons"):
            self._promote_button = Button("Promote it: let it serve…", self._promote, kind="primary")
            if report_of(model_id) is not None:
                link("Report on this model (new window)", addresses.of_report(model_id), target="_blank")
        self._content = Node("div", "", "stack")

    async def load(self) -> None:
        with told(self._frame):
            models = await training().models()
            if models.live == self._model_id:
                self._promote_button.put(hidden=True)
                self._waiting.show("This model serves; there is nothing to compare it with.")
                return
            comparison = await training().compare(self._model_id)
            self._content.clear()
            with self._content:
                _show(comparison)
            self._waiting.show("")
            return
        self._waiting.show("The models could not be compared. Reload the page to try again.")

    async def _promote(self) -> None:
        if not await confirm(
            "Let this model serve?",
            "Running bots take it within about a second, in the middle of conversations. You can roll back.",
            "Promote",
        ):
            return
        with told(self._frame):
            await training().promote(self._model_id, by(self._session))
            self._frame.toasts.show(f"Promoted. Model {self._model_id[:10]} serves now.", "good")
            self._content.clear()
            await self.load()


def _show(comparison: Comparison) -> None:
    with Panel("Figures"):
        Table(
            "Live and candidate",
            ["Figure", "Live", "Candidate", "Better"],
            [_metric(metric) for metric in comparison.metrics],
            hide_caption=True,
        )
        if comparison.decided:
            facts(
                [
                    (
                        "Trainers' decisions that live understands",
                        f"{comparison.decided_live} of {comparison.decided}",
                    ),
                    (
                        "Trainers' decisions that the candidate understands",
                        f"{comparison.decided_candidate} of {comparison.decided}",
                    ),
                ]
            )
    with Panel("Understood differently"):
        Node(
            "p",
            f"Of {counted(comparison.messages, 'recent message')} with consent, and what trainers decided.",
            "hint",
        )
        Table(
            "Kinds of change",
            ["Live", "Candidate", "Messages"],
            [[humanised(live), humanised(new), str(number)] for live, new, number in comparison.kinds],
            empty="Nothing would be understood differently.",
        )
        if comparison.changed:
            Table(
                "Changed messages",
                ["Message", "Live", "Candidate", "Decided by trainers"],
                [_changed(change) for change in comparison.changed],
            )


def _metric(metric: Metric) -> Sequence[Cell]:
    better: Cell = "–"
    if metric.better is not None:
        words = "Candidate" if metric.better == "candidate" else "Live"
        better = partial(Chip, words, "good" if metric.better == "candidate" else "warn")
    return [metric.title, metric.shown_live, metric.shown_candidate, better]


def _changed(change: ChangedPrediction) -> Sequence[Cell]:
    return [
        change.text,
        f"{humanised(change.live)}, {percent(change.live_confidence)}",
        f"{humanised(change.candidate)}, {percent(change.candidate_confidence)}",
        humanised(change.should_be) if change.should_be else "–",
    ]
