"""The files that trainers edit: their parts, drafts, faults and previews."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Fault:
    """Something to correct in a file. `line` counts from 1; `path` is relative to the repository."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class FileChange:
    """What writing would do to one file.

    Attributes:
        before: hash of the file as it was read; writing is refused when it is another by then.
        diff: unified, with three lines around each change.
    """

    path: str
    before: str
    text: str
    diff: str
    utterances: tuple[tuple[str, str], ...] = ()  # intent and utterance


@dataclass(frozen=True)
class WritePlan:
    """What would be written, and what stands against it.

    Attributes:
        known: utterances that the data holds already under the same intent; they are not written twice.
        faults: with one of these nothing is written.
        withdrawn: reviews whose customers no longer let their messages be used; they are not written.
    """

    changes: tuple[FileChange, ...]
    known: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...]
    reviews: tuple[UUID, ...]
    withdrawn: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class IntentSummary:
    """An intent of the dialogue; `files` holds the names and the number of utterances in each."""

    name: str
    utterances: int
    files: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class UtteranceBlock:
    """The utterances of one label in one file, in their order, in Rasa's markup.

    Attributes:
        label: the intent, or the mood in a sentiment file.
        line: of the first utterance, from 1.
        version: hash of the whole file, to be given back when saving.
    """

    path: str
    label: str
    line: int
    utterances: tuple[str, ...]
    version: str


@dataclass(frozen=True)
class DataFile:
    """A file that trainers may edit, whole. `version` is the hash of its text."""

    path: str
    text: str
    version: str


@dataclass(frozen=True)
class ReplySource:
    """A reply's own lines in a file of variants. `line` is that of its name, from 1; `version` is of the file."""

    path: str
    reply: str
    line: int
    text: str
    version: str


@dataclass(frozen=True)
class Draft:
    """A changed file that is not saved: its faults, and how it differs from the saved one."""

    path: str
    text: str
    before: str
    diff: str
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class CheckedCondition:
    """A condition that was looked at, in words, and whether it held."""

    variant: str
    condition: str
    holds: bool


@dataclass(frozen=True)
class PreviewLine:
    """What one reader would be told.

    Attributes:
        reader: a persona's name, or "Anonymous visitor".
        variant: the name of the chosen variant; null when no text fits (`problem` says why).
        conditions: those that were looked at, in order.
        unusable: variants that fitted but lacked a value.
    """

    reader: str
    customer_id: str | None
    segment: str | None
    variant: str | None
    text: str
    quick_replies: tuple[str, ...]
    conditions: tuple[CheckedCondition, ...]
    unusable: tuple[str, ...]
    problem: str | None = None


@dataclass(frozen=True)
class Preview:
    """A reply for every persona and an anonymous visitor; with faults in the draft there are no lines."""

    lines: tuple[PreviewLine, ...]
    faults: tuple[Fault, ...]
