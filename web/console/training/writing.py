"""Decisions go into the data: what would change is shown first, and written only when that is confirmed."""

from web.console.access import Session
from web.console.kit import Frame, Node, lines
from web.console.training.desk import by, sentence, told, training
from web.console.training.parts import added_lines, ask, diff_view, ranges
from web.console.training.words import counted, located
from web.console.words import humanised
from web.training.shapes import Faulty, WritePlan


async def write_decisions(session: Session, frame: Frame) -> list[str] | None:
    """Plan, show, ask, write.

    Returns:
        What was written where, in words; None when nothing was.
    """
    frame.toasts.show("Checking what would be written…")
    with told(frame):
        plan = await training().plan_write()
        number = sum(len(change.utterances) for change in plan.changes)
        if plan.faults:
            await ask("Nothing can be written yet", lambda: _faults(plan), "I will correct it", no="Close")
            return None
        if not plan.reviews:
            frame.toasts.show("There is nothing to write: no decision waits, or consent was withdrawn.")
            return None
        yes = f"Write {counted(number, 'utterance')}" if number else "Close these decisions"
        if not await ask("Write to the data", lambda: _plan(plan), yes):
            frame.toasts.show("Nothing was written.")
            return None
        try:
            written = await training().write(plan, by(session))
        except Faulty as error:
            frame.toasts.show(sentence(str(error)), "bad")
            return None
        said = [f"{change.path}, {ranges(added_lines(change.diff))}" for change in written.changes]
        frame.toasts.show(f"{counted(number, 'utterance')} written.", "good")
        return said or ["The data held all of it already; the decisions are closed."]
    return None


def _plan(plan: WritePlan) -> None:
    if not plan.changes:
        Node("p", "The data holds all of these utterances already; no file changes.")
    for change in plan.changes:
        Node("h3", f"{change.path}: {counted(len(change.utterances), 'new utterance')}")
        diff_view(f"Changes in {change.path}", change.diff)
    if plan.known and plan.changes:
        Node("h3", "Already in the data, not written again")
        lines([f"{humanised(intent)}: {utterance}" for intent, utterance in plan.known])
    if plan.withdrawn:
        Node(
            "p",
            f"{counted(len(plan.withdrawn), 'decision')} left out: the customers no longer let their messages be used.",
            "notice warn",
        )


def _faults(plan: WritePlan) -> None:
    Node("p", "Take back or change these decisions, or correct the files; nothing was written.")
    lines([f"{located(fault.path, fault.line)}: {fault.message}" for fault in plan.faults], "lines faults")
