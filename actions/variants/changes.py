"""What differs between two sets of replies, in words that a trainer can read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from actions.variants.schema import Default, GreetingPath, QuickReply, Reply, Variant, VariantSet
from profiles.conditions import describe

Kind = Literal["added", "changed", "removed"]
DEFAULT = "default"


@dataclass(frozen=True)
class Wording:
    """One text as a trainer reads it.

    Attributes:
        when: the condition in plain words; None for a default, which needs none.
        quick_replies: each button with what pressing it does.
    """

    text: str
    when: str | None = None
    quick_replies: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextChange:
    """A variant (or the default) that is new, says something else, or is gone."""

    variant: str
    kind: Kind
    old: Wording | None
    new: Wording | None


@dataclass(frozen=True)
class Change:
    """What differs in one reply, or in what is offered at the greeting.

    Attributes:
        order: the variants in the order in which they are tried, before and after, where what stays or comes
            is not in the order of before: the first that holds is said.
    """

    of: Literal["reply", "greeting"]
    name: str
    kind: Kind
    texts: tuple[TextChange, ...]
    order: tuple[tuple[str, ...], tuple[str, ...]] | None = None


def between(before: VariantSet, after: VariantSet) -> tuple[Change, ...]:
    """Every change from `before` to `after`: replies by name, then the offers at the greeting."""
    return tuple(_changes(before, after))


def as_json(changes: Sequence[Change] | None) -> list[dict[str, Any]] | None:
    """The changes for `--json`; None when they can't be told."""
    return None if changes is None else [asdict(change) for change in changes]


def _changes(before: VariantSet, after: VariantSet) -> Iterator[Change]:
    for name in sorted({*before.replies, *after.replies}):
        old, new = before.replies.get(name), after.replies.get(name)
        kind: Kind = "added" if old is None else "removed" if new is None else "changed"
        texts, order = _compared(_parts(old), _parts(new))
        if texts or order:
            yield Change("reply", name, kind, texts, order if kind == "changed" else None)
    texts, order = _compared(
        {path.name: path for path in before.greeting}, {path.name: path for path in after.greeting}
    )
    if texts or order:
        yield Change("greeting", "greeting", "changed", texts, order)


def _parts(reply: Reply | None) -> dict[str, Default]:
    if reply is None:
        return {}
    return {DEFAULT: reply.default, **{variant.name: variant for variant in reply.variants}}


def _compared(
    old: Mapping[str, Default | GreetingPath], new: Mapping[str, Default | GreetingPath]
) -> tuple[tuple[TextChange, ...], tuple[tuple[str, ...], tuple[str, ...]] | None]:
    texts = tuple(
        TextChange(
            name,
            "added" if name not in old else "removed" if name not in new else "changed",
            _wording(old[name]) if name in old else None,
            _wording(new[name]) if name in new else None,
        )
        for name in [*new, *(name for name in old if name not in new)]
        if old.get(name) != new.get(name)
    )
    tried_before = tuple(name for name in old if name != DEFAULT)
    tried_after = tuple(name for name in new if name != DEFAULT)
    moved = tried_after != tuple(name for name in tried_before if name in new)
    return texts, (tried_before, tried_after) if moved else None


def _wording(part: Default | GreetingPath) -> Wording:
    if isinstance(part, GreetingPath):
        offered = part.offer.replace("_", " ")
        return Wording(f"{part.reply}, which offers {offered}", describe(part.when))
    when = describe(part.when) if isinstance(part, Variant) else None
    return Wording(part.text, when, tuple(_button(quick) for quick in part.quick_replies))


def _button(quick: QuickReply) -> str:
    command = quick.command
    values = ", ".join(f"{each.entity.replace('_', ' ')} {each.value}" for each in command.entities)
    does = command.intent.replace("_", " ")
    return f"{quick.title} ({does}: {values})" if values else f"{quick.title} ({does})"
