"""Why a customer is in a segment, in sentences for agents."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from common.logs import get_logger
from profiles.conditions import All, Condition, ConditionError, attributes, describe, parse
from web.agents import words

log = get_logger(__name__)

_PREFIX = "customer."


def why(file: Path, segment: str, known: Mapping[str, Any]) -> list[str]:
    """What the segment means, and what makes it hold: each condition with the customer's own value.

    Empty when the definitions can't be read: the segment holds all the same.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if content["otherwise"] == segment:
            return ["None of the other segments fits."]
        entry = next(entry for entry in content["segments"] if entry["name"] == segment)
        condition = parse(entry["when"], segment)
    except (OSError, yaml.YAMLError, ConditionError, KeyError, TypeError, StopIteration) as error:
        log.warning("segment not explained", segment=segment, error=error)
        return []
    parts = condition.all if isinstance(condition, All) else (condition,)
    return [f"{entry['title']}.", *(_sentence(part, known) for part in parts)]


def _sentence(condition: Condition, known: Mapping[str, Any]) -> str:
    described = describe(condition)
    names = sorted(name.removeprefix(_PREFIX) for name in attributes(condition))
    for name in names:
        described = described.replace(f"customer's {words.plain(name)}", words.attribute(name))
    values = [words.value(name, known.get(name)) for name in names]
    if len(names) > 1:
        values = [f"{words.attribute(name)} {value}" for name, value in zip(names, values, strict=True)]
    return f"{described[0].upper()}{described[1:]} (now {', '.join(values)})."
