"""The choice of a reply's text: a pure function of the set, the values and what may be read."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from liquid.exceptions import LiquidError

from actions.variants.compiled import CompiledSet
from profiles.conditions import holds

_GAPS = re.compile(r"[ \t]{2,}")

#: Gives the value of a name such as `customer.tier`, or None when it is missing or may not be read.
Read = Callable[[str], object | None]


@dataclass(frozen=True)
class Checked:
    """One condition that was looked at, for the decision record."""

    reply: str
    variant: str
    condition: str
    holds: bool


@dataclass(frozen=True)
class Choice:
    """What is said and why. `unusable` names variants that fitted but lacked a value."""

    text: str
    variant: str
    quick_replies: tuple[dict[str, Any], ...]
    checked: tuple[Checked, ...]
    unusable: tuple[str, ...]


class UnknownReply(KeyError):
    """The published set has no such reply."""


class _Namespace(Mapping[str, object]):
    """`customer.tier` in a template goes through `read` as a condition does; a missing value is undefined."""

    def __init__(self, prefix: str, read: Read) -> None:
        self._prefix = prefix
        self._read = read

    def __getitem__(self, name: str) -> object:
        value = self._read(f"{self._prefix}.{name}")
        if value is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def choose(variants: CompiledSet, reply: str, values: Mapping[str, object], read: Read) -> Choice:
    """The first variant whose condition holds and whose template finds all its values, else the default.

    Raises:
        UnknownReply: no such reply, or its default can't be rendered with these values.
    """
    candidates = variants.replies.get(reply)
    if candidates is None:
        raise UnknownReply(reply)
    context = {
        **values,
        **{name: _Namespace(name, read) for name in ("customer", "message", "conversation")},
    }
    checked: list[Checked] = []
    unusable: list[str] = []
    for candidate in candidates:
        if candidate.condition is not None:
            fits = holds(candidate.condition, read)
            checked.append(Checked(reply, candidate.variant, candidate.described, fits))
            if not fits:
                continue
        try:
            # Tags that put in nothing leave gaps.
            text = _GAPS.sub(" ", candidate.template.render(**context)).strip()
        except LiquidError:
            unusable.append(candidate.variant)
            continue
        if text:
            return Choice(text, candidate.variant, candidate.quick_replies, tuple(checked), tuple(unusable))
        unusable.append(candidate.variant)
    raise UnknownReply(reply)
