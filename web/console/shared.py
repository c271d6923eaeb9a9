"""What the pages share: settings, the HTTP client, the names of intents and segments."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml
from fastapi import Request
from nicegui import app

from web.console.settings import ConsoleSettings
from web.console.words import humanised

#: Intents of commands and of messages without a wish of their own; nobody filters by them.
_NOT_MEANT = {"open_conversation", "resume_from_agent", "undo", "nlu_fallback"}


@dataclass(frozen=True)
class Console:
    """One running console. `intents` and `segments` map names to words, for choices."""

    settings: ConsoleSettings
    http: httpx.AsyncClient
    intents: Mapping[str, str]
    segments: Mapping[str, str]


def console_of(request: Request | None = None) -> Console:
    """The console that serves this request, or the open page."""
    state = request.app.state if request is not None else app.state
    console: Console = state.console
    return console


def read_intents(file: Path) -> dict[str, str]:
    """The intents of the domain, in their order there."""
    names = (next(iter(item)) if isinstance(item, dict) else item for item in _yaml(file)["intents"])
    return {str(name): humanised(str(name)) for name in names if name not in _NOT_MEANT}


def read_segments(file: Path) -> dict[str, str]:
    """The segments, in their order, and the one of whoever is in none."""
    content = _yaml(file)
    names = [str(segment["name"]) for segment in content["segments"]]
    if isinstance(content.get("otherwise"), str):
        names.append(content["otherwise"])
    return {name: humanised(name) for name in names}


def _yaml(file: Path) -> dict[str, Any]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{file} is not as expected")
    return content
