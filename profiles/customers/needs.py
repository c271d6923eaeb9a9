"""What a customer most likely needs, by the rules of `data/decisions/needs.yml` (mission 38)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from profiles.attributes import PREFIX, customer_kinds
from profiles.conditions import Condition, ConditionError, describe, holds
from profiles.conditions.reading import Entry, read_conditions, read_file
from profiles.conditions.tree import Name
from profiles.traits.versions import of_files

NEEDS_FILE = Path(__file__).parent.parent.parent / "data" / "decisions" / "needs.yml"


class ExpectedNeed(BaseModel):
    """A need that is likely now, and the condition behind it in plain words."""

    need: str
    title: str
    why: str


@dataclass(frozen=True)
class Rule:
    need: str
    title: str
    when: Condition


class _RuleEntry(Entry):
    need: Name


class _NeedsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    needs: list[_RuleEntry]


def load_needs(path: Path = NEEDS_FILE) -> tuple[Rule, ...]:
    """Read the rules.

    Raises:
        ConditionError: with one line for each mistake.
    """
    needs = read_file(path, _NeedsFile).needs
    conditions, problems = read_conditions(needs, customer_kinds(of_files()), f"{path.name}: needs")
    if problems:
        raise ConditionError("\n".join(problems))
    return tuple(
        Rule(entry.need, entry.title, condition) for entry, condition in zip(needs, conditions, strict=True)
    )


def expected_needs(rules: tuple[Rule, ...], attributes: Mapping[str, Any]) -> list[ExpectedNeed]:
    """The needs whose condition holds, in the order of the rules."""

    def read(name: str) -> object | None:
        return attributes.get(name.removeprefix(PREFIX))

    return [
        ExpectedNeed(need=rule.need, title=rule.title, why=describe(rule.when))
        for rule in rules
        if holds(rule.when, read)
    ]
