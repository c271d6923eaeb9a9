"""All that the trainers' pages can do, in one place. Nothing here blocks the event loop."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from profiles.client import ProfilesClient
from web.chat.database import Database
from web.training import editing, markup
from web.training.audit import Audit
from web.training.checking import faults_of
from web.training.commands import Commands
from web.training.consent import Consents
from web.training.decisions import Decisions
from web.training.domain import Domain
from web.training.files import DataFiles, diff
from web.training.folding import normal_form
from web.training.jobs import Jobs
from web.training.messages import Messages
from web.training.models import Trained
from web.training.publishing import Publishing
from web.training.queue import filtered, items_of
from web.training.settings import DOMAIN, TrainingSettings
from web.training.shapes import (
    AuditEntry,
    Comparison,
    DataFile,
    Decision,
    Draft,
    Faulty,
    FileChanged,
    Filters,
    IntentSummary,
    Job,
    Models,
    Preview,
    Published,
    ReplySource,
    Review,
    ReviewItem,
    ReviewQueue,
    RolledBack,
    UtteranceBlock,
    WritePlan,
)
from web.training.writing import Writing

#: What a training runs.
TRAIN = ("train", "--candidate", "--progress-json")
ALL = Filters()


class Training:
    """One for each process and event loop; close it at the end.

    `by` is the id of the member of staff who acts. Expected trouble is `Refused`, whose message is one line for the
    trainer, or `DatabaseUnavailable`.
    """

    def __init__(self, settings: TrainingSettings) -> None:
        self._database = Database(settings.database_url)
        # No customer waits for it, so it may take longer than in a turn.
        self._profiles = ProfilesClient(
            settings.profiles_url, settings.profiles_key.get_secret_value(), settings.redis_url, timeout=5.0
        )
        commands = Commands(settings)
        folder = settings.state.resolve() / "training"
        self._root = settings.repository
        self._commands = commands
        self._files = DataFiles(settings.repository, folder / "files.lock")
        self._audit = Audit(self._database)
        self._messages = Messages(self._database, commands, Consents(self._profiles), settings)
        self._decisions = Decisions(self._database)
        self._writing = Writing(self._decisions, self._messages, self._files, commands, self._audit)
        self._jobs = Jobs(folder / "jobs", commands, commands.of_models(*TRAIN))
        self._models = Trained(commands, self._messages, self._decisions, self._audit)
        self._publishing = Publishing(settings, commands, self._files, self._profiles, self._audit)

    async def close(self) -> None:
        await self._profiles.close()
        await self._database.close()

    # --- review ----------------------------------------------------------------------------------

    async def review_queue(self, filters: Filters = ALL) -> ReviewQueue:
        """What is to be reviewed. The first call after many new messages takes some seconds: they are masked."""
        recent = await self._messages.recent(worth_review=True)
        forms = {normal_form(message.hidden.text) for message in recent.messages}
        decided = await self._decisions.decided_forms(sorted(forms))
        # Folding hundreds of messages takes longer than an event loop should be held.
        items = await asyncio.to_thread(items_of, recent.messages, decided)
        found, counts = filtered(items, filters)
        return ReviewQueue(tuple(found), counts, recent.without_consent, recent.consent_unknown)

    async def decide(self, item: ReviewItem, decision: Decision, by: str) -> UUID:
        """Keep a decision about all messages of an item; it can be undone until it is written.

        Raises:
            Refused: the intent or the markup is not usable.
            AlreadyDecided
        """
        return await self._decisions.decide(item, decision, await self._domain(), by)

    async def undo(self, review_id: UUID, by: str) -> None:
        """Take a decision back.

        Raises:
            Refused: it is written, or was undone.
        """
        await self._decisions.undo(review_id, by)

    async def decided(self, limit: int = 50) -> tuple[Review, ...]:
        """Decisions, the newest first, written or not."""
        return await self._decisions.newest(limit)

    @staticmethod
    def check_utterance(utterance: str) -> str | None:
        """What is wrong with the markup of an utterance; null when it is well."""
        try:
            markup.parse(utterance)
        except markup.MarkupFault as fault:
            return str(fault)
        return None

    async def entities(self) -> tuple[str, ...]:
        """What may be marked."""
        return (await self._domain()).entities

    async def plan_write(self) -> WritePlan:
        """What writing the decisions would do, with a diff for each file. Changes nothing."""
        return await self._writing.plan()

    async def write(self, plan: WritePlan, by: str) -> WritePlan:
        """Write what was planned.

        Raises:
            Faulty, FileChanged, Refused: nothing was written.
        """
        return await self._writing.write(plan, by)

    # --- editing ---------------------------------------------------------------------------------

    async def intents(self) -> tuple[IntentSummary, ...]:
        domain = await self._domain()
        return await asyncio.to_thread(editing.intents, self._files, domain.intents)

    async def utterances(self, intent: str) -> tuple[UtteranceBlock, ...]:
        return await asyncio.to_thread(editing.of_intent, self._files, intent)

    async def moods(self) -> tuple[UtteranceBlock, ...]:
        return await asyncio.to_thread(editing.moods, self._files)

    async def draft_utterances(self, block: UtteranceBlock, utterances: Sequence[str]) -> Draft:
        """The file with a block's utterances replaced, checked and not saved."""
        file = await self._file_as_it_was(block.path, block.version)
        return await self._draft(file, editing.with_utterances(file, block, utterances))

    async def files(self) -> tuple[str, ...]:
        """All files that may be edited whole."""
        return await asyncio.to_thread(self._files.paths)

    async def file(self, path: str) -> DataFile:
        return await asyncio.to_thread(self._files.read, path)

    async def draft_file(self, path: str, text: str, version: str) -> Draft:
        """A file with another text, checked and not saved."""
        return await self._draft(await self._file_as_it_was(path, version), text)

    async def replies(self) -> tuple[tuple[str, str], ...]:
        """The replies that have texts, each with its file."""
        return await asyncio.to_thread(editing.replies, self._files)

    async def reply(self, name: str) -> ReplySource:
        return await asyncio.to_thread(editing.reply, self._files, name)

    async def draft_reply(self, source: ReplySource, text: str) -> Draft:
        """The file with a reply's lines replaced, checked and not saved."""
        file = await self._file_as_it_was(source.path, source.version)
        return await self._draft(file, editing.with_reply(file, source, text))

    async def save(self, draft: Draft, by: str) -> None:
        """Save a draft.

        Raises:
            Faulty: it has faults.
            FileChanged: the file is not as it was when the draft was begun.
        """
        # Other files may have changed since it was checked.
        faults = draft.faults or await faults_of(self._commands, self._files, {draft.path: draft.text})
        if faults:
            raise Faulty(faults)
        await asyncio.to_thread(self._files.replace, [(draft.path, draft.before, draft.text)])
        changed = sum(line.startswith(("+", "-")) for line in draft.diff.splitlines()[2:])
        await self._audit.add(by, "edited", path=draft.path, changed_lines=changed)

    # --- training and publication ----------------------------------------------------------------

    async def start_training(self, by: str) -> Job:
        """Begin a training of the present data; its model becomes a candidate.

        Raises:
            TrainingUnderWay
        """
        job = await self._jobs.start(by)
        await self._audit.add(by, "training started", job_id=job.job_id)
        return job

    async def job(self) -> Job | None:
        """The newest training."""
        newest = await self._jobs.newest()
        return newest[0] if newest else None

    async def jobs(self, limit: int = 10) -> tuple[Job, ...]:
        return await self._jobs.newest(limit)

    async def cancel_training(self, by: str) -> Job:
        """End the training under way.

        Raises:
            Refused: none is.
        """
        job = await self._jobs.cancel()
        await self._audit.add(by, "training cancelled", job_id=job.job_id)
        return job

    async def models(self) -> Models:
        return await self._models.all()

    async def compare(self, candidate: str) -> Comparison:
        """A candidate beside the model that serves; takes some seconds, since both read recent messages."""
        return await self._models.compare(candidate)

    async def promote(self, model_id: str, by: str) -> str:
        """Let a model serve; running bots take it within a second."""
        return await self._models.promote(model_id, by)

    async def rollback(self, by: str) -> str:
        """Let the model before serve again."""
        return await self._models.rollback(by)

    async def preview(
        self, reply: str, draft: Draft | None = None, mood: str = "neutral", turns: int = 0
    ) -> Preview:
        """What each persona and an anonymous visitor would be told, also by a draft."""
        drafts = {} if draft is None else {draft.path: draft.text}
        return await self._publishing.preview(reply, drafts, mood, turns)

    async def publish_variants(self, by: str, *, dry_run: bool, only: str | None = None) -> Published:
        """Check the saved texts, and make them live unless it is a dry run; `only` the version looked at."""
        return await self._publishing.publish(by, dry_run=dry_run, only=only)

    async def roll_back_variants(self, by: str, *, dry_run: bool, only: str | None = None) -> RolledBack:
        """Bring back the texts that were live before, unless it is a dry run; `only` the version named."""
        return await self._publishing.roll_back(by, dry_run=dry_run, only=only)

    async def audit(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """Who did what, the newest first."""
        return await self._audit.newest(limit)

    async def staff_names(self) -> dict[str, str]:
        """What everybody of the staff is called, by the id under which they act."""
        return await self._audit.names()

    async def _domain(self) -> Domain:
        return await asyncio.to_thread(Domain.read, self._root / DOMAIN)

    async def _file_as_it_was(self, path: str, version: str) -> DataFile:
        file = await self.file(path)
        if file.version != version:
            raise FileChanged(f"{path} was changed in the meantime; look at it again")
        return file

    async def _draft(self, file: DataFile, text: str) -> Draft:
        faults = await faults_of(self._commands, self._files, {file.path: text})
        return Draft(file.path, text, file.version, diff(file.path, file.text, text), faults)
