"""Conversations to replay: who speaks, and what they say one after the other."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bench import abcd


class RecordedConversation(BaseModel):
    """The customer's side of one conversation.

    `customer` is a customer id of the running shop, or None for an anonymous visitor.
    """

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    customer: str | None = None
    texts: list[str] = Field(min_length=1)


class UnreadableFileError(ValueError):
    """A file of conversations that can't be used; the message names the line."""


def read(path: Path) -> list[RecordedConversation]:
    """Read JSON lines `{"customer": …, "texts": […]}`, or a JSON array of ABCD dialogues.

    Raises:
        UnreadableFileError: with every line that could not be read.
    """
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(f"{path}: {error}") from error
    if content.lstrip().startswith("["):
        try:
            dialogues = json.loads(content)
            return [RecordedConversation(**fields) for fields in abcd.customer_sides(dialogues)]
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableFileError(f"{path}: not an array of ABCD dialogues: {error}") from error
    conversations: list[RecordedConversation] = []
    problems: list[str] = []
    for number, record in _lines(content):
        try:
            conversation = RecordedConversation.model_validate_json(record)
        except ValidationError as error:
            problems.append(f"{path}:{number}: {_first_problem(error)}")
        else:
            conversations.append(
                conversation.model_copy(update={"name": conversation.name or f"line {number}"})
            )
    if problems:
        raise UnreadableFileError("\n".join(problems))
    if not conversations:
        raise UnreadableFileError(f"{path}: holds no conversation")
    return conversations


def _lines(content: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            yield number, line


def _first_problem(error: ValidationError) -> str:
    item: Any = error.errors()[0]
    where = ".".join(str(part) for part in item["loc"])
    return f"{where}: {item['msg']}" if where else str(item["msg"])
