"""What a customer most likely needs, by the rules of `data/decisions/needs.yml` (mission 38)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from profiles.attributes import PREFIX, customer_kinds
from profiles.conditions import Condition, ConditionError, check, describe, holds, parse
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


class _RuleEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    need: Name
    title: str
    when: Any


class _NeedsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    needs: list[_RuleEntry]


def load_needs(path: Path = NEEDS_FILE) -> tuple[Rule, ...]:
    """Read the rules.

    Raises:
        ConditionError: with one line for each mistake.
    """
    try:
        content = _NeedsFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ConditionError(f"{path.name}: {error}") from None
    kinds, rules, problems = customer_kinds(of_files()), [], []
    for number, entry in enumerate(content.needs):
        place = f"{path.name}: needs[{number}].when"
        try:
            condition = parse(entry.when, place)
        except ConditionError as error:
            problems.append(str(error))
            continue
        problems += check(condition, kinds, place)
        rules.append(Rule(entry.need, entry.title, condition))
    if problems:
        raise ConditionError("\n".join(problems))
    return tuple(rules)


def expected_needs(rules: tuple[Rule, ...], attributes: Mapping[str, Any]) -> list[ExpectedNeed]:
    """The needs whose condition holds, in the order of the rules."""

    def read(name: str) -> object | None:
        return attributes.get(name.removeprefix(PREFIX))

    return [
        ExpectedNeed(need=rule.need, title=rule.title, why=describe(rule.when))
        for rule in rules
        if holds(rule.when, read)
    ]
