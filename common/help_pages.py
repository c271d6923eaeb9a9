"""The pages of the shop's help centre: Markdown under `data/knowledge/pages`, with the shop's policy filled in."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from liquid import Environment, StrictUndefined
from liquid.exceptions import LiquidError

from common.money import pounds

_FENCE = "---\n"
#: A value that the policy does not have is a fault, never a hole in a page.
_LIQUID = Environment(undefined=StrictUndefined, autoescape=False)
_LIQUID.filters["pounds"] = pounds


class PageFault(ValueError):
    """A page is not usable; the message says which and why."""


@dataclass(frozen=True)
class HelpPage:
    """One page.

    Attributes:
        slug: the name of its file, and the end of its address: /help/slug.
        updated: the day on which its content was last changed.
        text: Markdown, without the title; headings of the second level divide it.
    """

    slug: str
    title: str
    updated: date
    text: str


def read_help_pages(data: Path) -> dict[str, HelpPage]:
    """All pages by their slug, in alphabetical order.

    Args:
        data: the folder with `knowledge/pages` and `decisions/policy.yml`.

    Raises:
        PageFault: a page is not of its shape, or names a value that the policy does not have.
        OSError: a folder or file can't be read.
    """
    policy = yaml.safe_load((data / "decisions" / "policy.yml").read_text("utf-8"))
    files = sorted((data / "knowledge" / "pages").glob("*.md"))
    return {file.stem: _read(file, policy) for file in files}


def _read(file: Path, policy: dict[str, Any]) -> HelpPage:
    before, fence, rest = file.read_text("utf-8").partition(_FENCE)
    head, end, text = rest.partition(_FENCE)
    if before or not fence or not end:
        raise PageFault(f"{file.name}: must begin with title and updated between two lines of ---")
    try:
        fields = yaml.safe_load(head)
        title, updated = fields["title"], fields["updated"]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise PageFault(f"{file.name}: title or updated is missing ({error})") from None
    if not isinstance(title, str) or not isinstance(updated, date) or set(fields) != {"title", "updated"}:
        raise PageFault(f"{file.name}: needs a title and a day as updated (2026-11-22), and nothing else")
    try:
        filled = _LIQUID.from_string(text).render(policy=policy)
    except LiquidError as error:
        raise PageFault(f"{file.name}: {error}") from None
    if not filled.strip():
        raise PageFault(f"{file.name}: has no text")
    return HelpPage(file.stem, title, updated, filled.strip())


def anchor_of(heading: str) -> str:
    """The id of a heading on its page: `Is there a student discount?` → `is-there-a-student-discount`."""
    return "-".join(re.findall(r"[a-z0-9]+", heading.lower()))
