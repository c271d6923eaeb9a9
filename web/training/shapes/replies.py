"""What a published set of replies changes, and how its publication or its roll-back went."""

from dataclasses import dataclass
from typing import Literal

from web.training.shapes.files import Fault

ChangeKind = Literal["added", "changed", "removed"]


@dataclass(frozen=True)
class Wording:
    """One text. `when` is its condition in plain words, null for a default; each button with what it does."""

    text: str
    when: str | None
    quick_replies: tuple[str, ...]


@dataclass(frozen=True)
class TextChange:
    """A variant (or `default`) that is new, says something else, or is gone."""

    variant: str
    kind: ChangeKind
    old: Wording | None
    new: Wording | None


@dataclass(frozen=True)
class ReplyChange:
    """What differs in one reply, or in what is offered at the greeting.

    Attributes:
        order: the variants as they are tried, before and after, where that differs.
    """

    of: Literal["reply", "greeting"]
    name: str
    kind: ChangeKind
    texts: tuple[TextChange, ...]
    order: tuple[tuple[str, ...], tuple[str, ...]] | None


@dataclass(frozen=True)
class Published:
    """How publishing the replies went, or what it would do; with faults nothing was published.

    Attributes:
        before: the version that was live before; of a dry run the one that is.
        changes: what differs from `before`; null when nothing was live or it can't be read any more.
    """

    version: str | None
    before: str | None
    replies: int
    texts: int
    published: bool
    changes: tuple[ReplyChange, ...] | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class RolledBack:
    """The version that was brought back in the place of `before`, or would be; and what that changes."""

    version: str
    before: str | None
    changes: tuple[ReplyChange, ...] | None
