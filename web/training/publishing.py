"""The variants of replies: what each persona would read, and publication without a restart."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from profiles.client import ProfilesClient, ProfilesUnavailable, UnknownCustomer
from web.training.audit import Audit
from web.training.checking import copied, variant_faults
from web.training.commands import Commands
from web.training.files import DataFiles
from web.training.settings import PERSONAS, TrainingSettings
from web.training.shapes import (
    CheckedCondition,
    Preview,
    PreviewLine,
    Published,
    Refused,
    ReplyChange,
    RolledBack,
)

ANONYMOUS = "Anonymous visitor"
PUBLISHED, REPLIES_BACK = "published", "replies rolled back"
_CHANGES: TypeAdapter[tuple[ReplyChange, ...] | None] = TypeAdapter(tuple[ReplyChange, ...] | None)


class Publishing:
    """Previews and publishes texts, by the commands of the actions' room."""

    def __init__(
        self,
        settings: TrainingSettings,
        commands: Commands,
        files: DataFiles,
        profiles: ProfilesClient,
        audit: Audit,
    ) -> None:
        self._settings = settings
        self._commands = commands
        self._files = files
        self._profiles = profiles
        self._audit = audit

    async def preview(self, reply: str, drafts: Mapping[str, str], mood: str, turns: int) -> Preview:
        """What each persona of the demo and an anonymous visitor would be told.

        Args:
            drafts: files that are not saved yet, path and text.

        Raises:
            Refused: there is no such reply, or the profile service can't be asked.
        """
        readers = [*await self._personas(), {"name": ANONYMOUS}]
        request = json.dumps({"readers": readers, "mood": mood, "turns": turns})
        async with copied(self._files, drafts) as copy:
            command = self._commands.line("actions", "preview", reply, "--data", copy / "data")
            output = await self._commands.run(command, given=request)
            content = output.json()
            faults = tuple(variant_faults(content["faults"], copy))
        return Preview(tuple(_line(line) for line in content["lines"]), faults)

    async def publish(self, by: str, *, dry_run: bool, only: str | None = None) -> Published:
        """Check all texts, and make them live unless it is a dry run.

        Args:
            only: the version that was looked at; nothing is published when the files make another by now.

        Raises:
            Refused: Redis can't be asked, did not take them, or they are not what was looked at.
        """
        data = self._settings.repository / "data"
        content = await self._run("publish", *_words(dry_run, only), "--data", str(data))
        faults = tuple(variant_faults(content["faults"], self._settings.repository))
        if faults:
            return Published(None, None, 0, 0, False, None, faults)
        if not dry_run:
            await self._audit.add(by, PUBLISHED, version=content["version"], before=content["before"])
        return Published(
            content["version"],
            content["before"],
            content["replies"],
            content["texts"],
            content["published"],
            _CHANGES.validate_python(content["changes"]),
        )

    async def roll_back(self, by: str, *, dry_run: bool, only: str | None = None) -> RolledBack:
        """Make the replies live that were live before, unless it is a dry run.

        Args:
            only: the version that was named; nothing is done when it is not the one that would come back.

        Raises:
            Refused: there is nothing to go back to, Redis can't be asked, or another version would come back.
        """
        content = await self._run("rollback", *_words(dry_run, only))
        if not dry_run:
            await self._audit.add(by, REPLIES_BACK, version=content["version"], before=content["before"])
        changes = _CHANGES.validate_python(content["changes"])
        return RolledBack(content["version"], content["before"], changes)

    async def _run(self, command: str, *words: str) -> Any:
        line = self._commands.line("actions", command, "--json", *words)
        return (await self._commands.run(line, more={"REDIS_URL": self._settings.redis_url})).json()

    async def _personas(self) -> list[dict[str, Any]]:
        """The personas with what the profile service would tell of them, which is nothing without consent."""
        file = self._settings.repository / PERSONAS
        listed = await asyncio.to_thread(_read_personas, file)

        async def reader(customer_id: str, name: str) -> dict[str, Any]:
            try:
                view = await self._profiles.view(customer_id, "personalisation")
            except (ProfilesUnavailable, UnknownCustomer) as error:
                raise Refused(f"{name}'s profile can't be read; is everything running?") from error
            allowed = view.consent.get("personalisation") is True
            attributes = view.attributes if allowed else {}
            return {"name": name, "customer_id": customer_id, "attributes": attributes}

        return list(await asyncio.gather(*(reader(customer_id, name) for customer_id, name in listed)))


def _words(dry_run: bool, only: str | None) -> list[str]:
    return [*(["--dry-run"] if dry_run else []), *(["--only", only] if only else [])]


def _read_personas(file: Path) -> list[tuple[str, str]]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [(str(persona["customer_id"]), str(persona["name"])) for persona in content["personas"]]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise Refused(f"{file.name} can't be read ({type(error).__name__})") from error


def _line(found: dict[str, Any]) -> PreviewLine:
    return PreviewLine(
        reader=found["reader"],
        customer_id=found["customer_id"],
        segment=found["segment"],
        variant=found["variant"],
        text=found["text"],
        quick_replies=tuple(found["quick_replies"]),
        conditions=tuple(CheckedCondition(**condition) for condition in found["conditions"]),
        unusable=tuple(found["unusable"]),
        problem=found["problem"],
    )
