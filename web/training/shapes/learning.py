"""Trainings, models, how two models compare, and who did what."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

JobState = Literal["running", "done", "failed", "cancelled", "lost"]


@dataclass(frozen=True)
class Job:
    """A training.

    Attributes:
        percent: from 0 to 100; an estimate, for a training may end early.
        words: what it is doing, or how it ended.
        model_id: the candidate, once there is one.
        log: the last lines of its log.
        state: `lost` when the process went away without a word (the machine was restarted).
    """

    job_id: str
    state: JobState
    percent: float
    words: str
    started_by: str
    started_at: datetime
    ended_at: datetime | None = None
    model_id: str | None = None
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """A trained model: its figures by name (docs/trainer.md), null where its card has none."""

    model_id: str
    made_at: str | None
    live: bool
    figures: dict[str, float | None]


@dataclass(frozen=True)
class Promotion:
    """A change of the serving model, the newest first in lists. `who` is null when it was made by hand."""

    model_id: str
    at: str
    how: str
    who: str | None


@dataclass(frozen=True)
class Models:
    live: str | None
    models: tuple[Model, ...]
    history: tuple[Promotion, ...]


@dataclass(frozen=True)
class Metric:
    """A figure of both models. `better` says which is better: `candidate`, `live` or null (equal or unknown)."""

    name: str
    title: str
    live: float | None
    candidate: float | None
    shown_live: str
    shown_candidate: str
    better: Literal["live", "candidate"] | None


@dataclass(frozen=True)
class ChangedPrediction:
    """A message that the two models understand differently. `should_be` is what a trainer decided, if any."""

    text: str
    live: str
    live_confidence: float
    candidate: str
    candidate_confidence: float
    should_be: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Candidate beside live.

    Attributes:
        messages: recent messages that both models read.
        changed: those that they understand differently, the most frequent kind of change first.
        kinds: how often each change happens: from, to, number; the most frequent first.
        decided: utterances that trainers decided lately; how many of them each model understands so.
    """

    live: str
    candidate: str
    metrics: tuple[Metric, ...]
    messages: int
    changed: tuple[ChangedPrediction, ...]
    kinds: tuple[tuple[str, str, int], ...]
    decided: int = 0
    decided_live: int = 0
    decided_candidate: int = 0


@dataclass(frozen=True)
class AuditEntry:
    """Who did what when; `details` names things by id, never by a customer's words."""

    at: datetime
    who: str
    what: str
    details: dict[str, object] = field(default_factory=dict)
