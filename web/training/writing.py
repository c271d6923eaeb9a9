"""Accepted utterances go into the files of the intents: planned with a diff, then written as planned."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from web.training import markup, utterance_blocks
from web.training.audit import Audit
from web.training.checking import faults_of
from web.training.commands import Commands
from web.training.consent import Consent
from web.training.decisions import Decisions
from web.training.files import DataFiles, diff
from web.training.messages import Messages
from web.training.settings import NLU
from web.training.shapes import DataFile, Fault, Faulty, FileChange, Refused, Review, WritePlan
from web.training.utterance_blocks import NotEditable


@dataclass(frozen=True)
class Place:
    """Where an utterance is written. `line` counts from 1; 0 is for one that is yet to be written."""

    intent: str
    path: str
    line: int


@dataclass
class _Sorted:
    """Decided utterances by what is to happen to them; `added` by path."""

    added: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    known: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Writing:
    """Writes decisions into the data."""

    def __init__(
        self, decisions: Decisions, messages: Messages, files: DataFiles, commands: Commands, audit: Audit
    ) -> None:
        self._decisions = decisions
        self._messages = messages
        self._files = files
        self._commands = commands
        self._audit = audit

    async def plan(self) -> WritePlan:
        """What would be written now. Changes nothing.

        Raises:
            Refused: the data can't be read, or not be checked.
        """
        allowed, withdrawn = await self._allowed()
        plan = await asyncio.to_thread(self._planned, allowed)
        drafts = {change.path: change.text for change in plan.changes}
        faults = plan.faults or (await faults_of(self._commands, self._files, drafts) if drafts else ())
        left_out = tuple(review.review_id for review in withdrawn)
        return WritePlan(plan.changes, plan.known, faults, plan.reviews, left_out)

    async def write(self, plan: WritePlan, by: str) -> WritePlan:
        """Write what was planned.

        Raises:
            Faulty: the plan has faults.
            FileChanged: a file is not as it was when it was planned.
            Refused: a decision was taken back or its consent withdrawn since.
        """
        if plan.faults:
            raise Faulty(plan.faults)
        allowed, _ = await self._allowed()
        if set(plan.reviews) - {review.review_id for review in allowed}:
            raise Refused(
                "decisions were taken back, or consent was, since this was planned; look at it again"
            )
        changes = [(change.path, change.before, change.text) for change in plan.changes]
        await asyncio.to_thread(self._files.replace, changes)
        await self._decisions.mark_written(plan.reviews, by)
        written = Counter(intent for change in plan.changes for intent, _ in change.utterances)
        await self._audit.add(
            by, "written", files=[change.path for change in plan.changes], utterances=dict(written)
        )
        return plan

    async def _allowed(self) -> tuple[list[Review], list[Review]]:
        """Decisions that may be written, and those whose customers don't let them (any more)."""
        unwritten = await self._decisions.unwritten()
        consents = await self._messages.consent_of([place for _, places in unwritten for place in places])
        allowed: list[Review] = []
        withdrawn: list[Review] = []
        for review, places in unwritten:
            # One customer of several who wrote the same is enough: it holds nothing of the others.
            given = any(consents.get(conversation) is Consent.GIVEN for conversation, _ in places)
            (allowed if given else withdrawn).append(review)
        return allowed, withdrawn

    def _planned(self, reviews: Sequence[Review]) -> WritePlan:
        files = [self._files.read(path) for path in self._files.paths(NLU)]
        try:
            places, homes = _where(files)
        except NotEditable as error:
            raise Refused(str(error)) from error
        chosen = _sorted(reviews, places, homes)
        by_path = {file.path: file for file in files}
        changes = tuple(_change(by_path[path], added) for path, added in sorted(chosen.added.items()))
        return WritePlan(
            changes, tuple(chosen.known), tuple(chosen.faults), tuple(review.review_id for review in reviews)
        )


def key_of(utterance: str) -> str:
    """Utterances with the same key are the same to the models."""
    return " ".join(markup.plain(utterance).casefold().split())


def _where(files: Sequence[DataFile]) -> tuple[dict[str, Place], dict[str, str]]:
    """The place of each utterance, and for each intent the file that holds most of it."""
    places: dict[str, Place] = {}
    counts: dict[str, Counter[str]] = {}
    for file in files:
        try:
            blocks = utterance_blocks.blocks(file.text)
        except NotEditable as error:
            raise NotEditable(f"{file.path}: {error}") from error
        for block in blocks:
            counts.setdefault(block.label, Counter())[file.path] += len(block.utterances)
            for utterance, line in zip(block.utterances, block.lines, strict=True):
                places.setdefault(key_of(utterance), Place(block.label, file.path, line + 1))
    return places, {intent: count.most_common(1)[0][0] for intent, count in counts.items()}


def _sorted(reviews: Sequence[Review], places: dict[str, Place], homes: dict[str, str]) -> _Sorted:
    found = _Sorted()
    places = dict(places)
    for review in reviews:
        intent = review.intent or ""
        home = homes.get(intent)
        if home is None:
            found.faults.append(
                Fault(NLU, 1, f"no file holds utterances of {intent} yet; add it there first")
            )
            continue
        for utterance in review.utterances:
            place = places.setdefault(key_of(utterance), Place(intent, home, 0))
            if place.intent != intent:
                where = "in another decision" if place.line == 0 else "here"
                message = f"“{utterance[:60]}” is {place.intent} {where}, and was decided to be {intent}"
                found.faults.append(Fault(place.path, max(place.line, 1), message))
            elif place.line or (intent, utterance) in found.added.get(home, []):
                found.known.append((intent, utterance))
            elif not any(key_of(other) == key_of(utterance) for _, other in found.added.get(home, [])):
                found.added.setdefault(home, []).append((intent, utterance))
    return found


def _change(file: DataFile, added: Sequence[tuple[str, str]]) -> FileChange:
    text = file.text
    for intent in dict.fromkeys(intent for intent, _ in added):
        text = utterance_blocks.append(text, intent, [new for of, new in added if of == intent])
    return FileChange(file.path, file.version, text, diff(file.path, file.text, text), tuple(added))
