"""Files of entries that each hold when a condition does."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from profiles.conditions.kinds import Kind, check
from profiles.conditions.tree import Condition, ConditionError, parse


class Entry(BaseModel):
    """What such an entry has beside its name: a title in plain words, and `when`, a condition that is not read yet."""

    model_config = ConfigDict(extra="forbid")

    title: str
    when: Any


Form = TypeVar("Form", bound=BaseModel)


def read_file(path: Path, form: type[Form]) -> Form:
    """Read a YAML file of this form.

    Raises:
        ConditionError: with one line for each mistake, each beginning with its path in the file.
    """
    try:
        return form.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConditionError(f"{path.name}: can't be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise ConditionError(f"{path.name}: not YAML: {error}") from None
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConditionError("\n".join(lines)) from None


def read_conditions(
    entries: Sequence[Entry], kinds: Mapping[str, Kind], place: str
) -> tuple[list[Condition], list[str]]:
    """The conditions of entries, in their order, and one line for each mistake in them.

    Those that can't be read are left out; if there is no mistake, there is a condition for each entry.

    Args:
        kinds: of the names that may be used.
        place: where the entries stand, such as `needs.yml: needs`.
    """
    conditions, problems = [], []
    for number, entry in enumerate(entries):
        at = f"{place}[{number}].when"
        try:
            condition = parse(entry.when, at)
        except ConditionError as error:
            problems.append(str(error))
            continue
        problems += check(condition, kinds, at)
        conditions.append(condition)
    return conditions, problems
