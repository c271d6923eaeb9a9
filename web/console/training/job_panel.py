"""A training in the background: begun, watched and cancelled from here."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from web.console.access import Session
from web.console.kit import Button, Disclosure, Frame, Node, Panel, Progress, When, confirm, link
from web.console.training import addresses
from web.console.training.desk import by, sentence, told, training, who
from web.training.shapes import Job, JobState

_LOOK_SECONDS = 1.0
_LOG_LINES = 40
_ENDED: dict[JobState, str] = {
    "done": "The last training is done",
    "failed": "The last training failed",
    "cancelled": "The last training was cancelled",
    "lost": "The last training ended without a word",
}


class JobPanel:
    """The newest training.

    Args:
        ended: called when a training that was seen running has ended.
    """

    def __init__(self, session: Session, frame: Frame, ended: Callable[[], Awaitable[None]]) -> None:
        self._session = session
        self._frame = frame
        self._ended = ended
        self._was_running: str | None = None
        self._shown: Job | None = None
        with Panel("Training"):
            Node(
                "p",
                "A training learns the saved data in the background and makes a candidate. What serves stays.",
            )
            self._progress = Progress("Training")
            self._state = Node("p", "", role="status")
            with Node("div", "", "buttons"):
                self._start_button = Button("Start a training", self._start, kind="primary")
                self._cancel_button = Button("Cancel the training", self._cancel, kind="danger")
                self._compare = link("Compare the candidate with live", "/training/models")
            with Disclosure("Log, the last lines") as self._log_part:
                self._log = Node("div", "", "log-lines", role="region", aria_label="Log", tabindex="0")
            self._facts = Node("p", "", "hint")
        self._show(None)
        self._timer = ui.timer(_LOOK_SECONDS, self.refresh)

    async def refresh(self) -> None:
        """Look how the newest training is going."""
        job = None
        with told(self._frame):
            job = await training().job()
            self._show(job)
            if job is not None and job.state != "running" and self._was_running == job.job_id:
                self._was_running = None
                good = job.state == "done"
                self._frame.toasts.show(
                    f"{_ENDED[job.state]}. {sentence(job.words)}", "good" if good else "info"
                )
                await self._ended()
            elif job is not None and job.state == "running":
                self._was_running = job.job_id
            return
        # It was said once what is wrong, and need not be each second.
        self._timer.deactivate()

    def _show(self, job: Job | None) -> None:
        if job == self._shown and job is not None:
            return
        self._shown = job
        running = job is not None and job.state == "running"
        self._progress.put(hidden=None if running else True)
        self._start_button.put(hidden=True if running else None)
        self._cancel_button.put(hidden=None if running else True)
        self._compare.put(hidden=None if job and job.model_id else True)
        self._log_part.put(hidden=None if job and job.log else True)
        if job is None:
            self._state.say("Nothing was trained from here yet.")
            return
        if running:
            self._progress.show(job.percent, job.words)
            self._state.say("")
        else:
            self._state.say(f"{_ENDED[job.state]}. {sentence(job.words)}")
        if job.model_id:
            self._compare.put(href=addresses.of_model(job.model_id))
        self._facts.clear()
        with self._facts:
            Node("span", f"Started by {who(self._session, job.started_by)}, ")
            When(job.started_at)
        self._log.say("\n".join(job.log[-_LOG_LINES:]))

    async def _start(self) -> None:
        with told(self._frame):
            self._show(await training().start_training(by(self._session)))
            self._frame.toasts.show("The training has begun. You can leave this page meanwhile.", "good")
            self._timer.activate()

    async def _cancel(self) -> None:
        if self._shown is None or not await confirm(
            "Cancel the training?", "What it has learnt so far is lost.", "Cancel the training", kind="danger"
        ):
            return
        with told(self._frame):
            self._show(await training().cancel_training(by(self._session)))
            # While it was ending, it was seen running again; its end is told here.
            self._was_running = None
            self._frame.toasts.show("The training was cancelled; nothing of it was kept.", "good")
