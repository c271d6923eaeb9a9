"""What one run found: scores, volumes, alarms. It rests as JSON, and is what the page and the metrics show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from pydantic import TypeAdapter

from profiles.quality.profiling import Column
from profiles.quality.reading import UndeclaredKey
from profiles.quality.rules import Alarms
from profiles.quality.scores import Score
from profiles.quality.volumes import OddDay, Silence

Kind = Literal["volume", "silence", "score", "laid aside"]


@dataclass(frozen=True)
class Alarm:
    """Something that somebody should look at.

    Attributes:
        about: what of the source: an attribute, a day; with kind and source it stands for the alarm.
        since: when a run first found it.
    """

    kind: Kind
    source: str
    about: str
    text: str
    since: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.source, self.about


@dataclass(frozen=True)
class Volume:
    """Events of a source by day, the oldest first, of every day to `until`; what is usual, if it can be told."""

    source: str
    until: date
    counts: list[int]
    usual: float | None
    last: datetime


@dataclass(frozen=True)
class Imputed:
    attribute: str
    method: str
    values: int


@dataclass(frozen=True)
class Report:
    """One run.

    Attributes:
        customers: how many there are; `looked_at`: how many of them the scores are of.
        sources: the score of each source.
        laid_aside: events by their source that could not be applied and wait to be replayed.
        undeclared: properties that events have and their types do not declare.
        columns: what is known of customers, without what is sealed.
    """

    at: datetime
    customers: int
    looked_at: int
    sources: Mapping[str, float]
    scores: list[Score]
    volumes: list[Volume]
    laid_aside: Mapping[str, int]
    alarms: list[Alarm]
    imputed: list[Imputed]
    undeclared: list[UndeclaredKey] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


REPORT: TypeAdapter[Report] = TypeAdapter(Report)


#: By source and attribute.
Scores = Mapping[tuple[str, str], float]


def alarms_of(
    odd: Sequence[OddDay],
    silent: Sequence[Silence],
    scores: Scores,
    usual_scores: Scores,
    laid_aside: Mapping[str, int],
    *,
    now: datetime,
    rules: Alarms,
) -> list[Alarm]:
    """Everything that somebody should look at."""
    return [
        *(Alarm("volume", one.source, one.day.isoformat(), _of_day(one), now) for one in odd),
        *(Alarm("silence", one.source, "events", _of_silence(one), now) for one in silent),
        *(
            Alarm(
                "score",
                source,
                name,
                f"The score fell from {usual_scores[source, name]:.2f} to {score:.2f}.",
                now,
            )
            for (source, name), score in scores.items()
            if usual_scores.get((source, name), score) - score >= rules.score_drop
        ),
        *(
            Alarm(
                "laid aside", source, "events", f"{count} could not be applied and wait to be replayed.", now
            )
            for source, count in laid_aside.items()
        ),
    ]


def known_since(alarms: Sequence[Alarm], before: Sequence[Alarm]) -> list[Alarm]:
    """The alarms, with `since` of those that were there before."""
    since = {alarm.key: alarm.since for alarm in before}
    return [replace(alarm, since=since.get(alarm.key, alarm.since)) for alarm in alarms]


def _of_day(one: OddDay) -> str:
    return f"{one.count} events on {one.day:%-d %B}; usual are {one.usual:g}."


def _of_silence(one: Silence) -> str:
    usual = "something comes every day" if one.usual_pause <= 1 else f"the pause is {one.usual_pause:g} days"
    return f"Nothing has come for {one.days:g} days; usually {usual}."
