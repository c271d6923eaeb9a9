"""Edits `data/profiles/attributes.yml` as text, so that its comments and its order stay."""

import re
from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import BaseModel

from profiles.traits.declared import (
    ATTRIBUTES_FILE,
    SOURCES_FILE,
    Attribute,
    BadDeclaration,
    Deprecated,
    read,
)

_VERSION = re.compile(r"^version: \d+$", re.MULTILINE)


def add(
    attribute: Attribute, version: int, file: Path = ATTRIBUTES_FILE, sources: Path = SOURCES_FILE
) -> None:
    """Declare another attribute, as of this version of the file.

    Raises:
        BadDeclaration: the file would not be usable; it is left as it was.
    """
    entry = _fields(
        attribute, ("name", "title", "type", "held", "purposes", "sensitivity", "sources", "also")
    )
    entry += _fields(attribute, ("seen_as", "retention_days", "since"))
    lines = [f"{'  - ' if number == 0 else '    '}{line}" for number, line in enumerate(entry)]
    text = file.read_text(encoding="utf-8")
    _save(file, sources, text.rstrip("\n") + "\n" + "\n".join(lines) + "\n", version)


def deprecate(
    name: str,
    deprecated: Deprecated,
    version: int,
    file: Path = ATTRIBUTES_FILE,
    sources: Path = SOURCES_FILE,
) -> None:
    """Declare an attribute deprecated, as of this version of the file.

    Raises:
        BadDeclaration: there is no such attribute, or the file would not be usable; it is left as it was.
    """
    text = file.read_text(encoding="utf-8")
    head = re.search(rf"^  - name: {re.escape(name)}$\n", text, re.MULTILINE)
    if head is None:
        raise BadDeclaration(f"{file.name}: has no attribute '{name}'")
    lines = [
        "    deprecated:",
        *(f"      {line}" for line in _fields(deprecated, tuple(Deprecated.model_fields))),
    ]
    _save(file, sources, text[: head.end()] + "\n".join(lines) + "\n" + text[head.end() :], version)


def _save(file: Path, sources: Path, text: str, version: int) -> None:
    before = file.read_text(encoding="utf-8")
    file.write_text(_VERSION.sub(f"version: {version}", text, count=1), encoding="utf-8")
    try:
        read(file, sources)
    except BadDeclaration:
        file.write_text(before, encoding="utf-8")
        raise


def _fields(model: BaseModel, names: Sequence[str]) -> list[str]:
    """Lines of YAML, without what is as it is by default."""
    content = model.model_dump(mode="json", exclude_defaults=True)
    lines = []
    for name in names:
        if name in content:
            value = sorted(content[name]) if isinstance(getattr(model, name), frozenset) else content[name]
            flow = yaml.safe_dump({name: value}, default_flow_style=True, allow_unicode=True, width=10_000)
            lines.append(flow.strip()[1:-1])
    return lines
