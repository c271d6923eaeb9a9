"""The page `/quality`: a report as HTML that asks nobody for anything, with charts that have words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from profiles.quality.report import Report, Volume
from profiles.quality.rules import Rules
from profiles.quality.volumes import DAY

TEMPLATES = Path(__file__).parent / "templates"
_DAYS, _BAR, _GAP, _HEIGHT, _BASE = 42, 8.0, 2.0, 72.0, 78.0
_TREND_WIDTH, _TREND_HEIGHT = 296.0, 46.0

#: Of each day, the oldest first: when it was measured and the scores of the sources.
History = Sequence[tuple[datetime, Mapping[str, float]]]


@dataclass(frozen=True)
class _Bar:
    x: float
    y: float
    width: float
    height: float
    #: `day`, `odd`, or `none` for a day on which nothing came.
    kind: str


@dataclass(frozen=True)
class _VolumeChart:
    key: str
    source: str
    words: str
    width: float
    bars: list[_Bar]
    days: list[tuple[date, int, str]]
    #: The ends of the axis.
    first: date
    last: date
    usual: float | None
    usual_y: float | None


@dataclass(frozen=True)
class _TrendChart:
    key: str
    words: str
    points: int
    path: str
    last_x: float
    last_y: float


@dataclass(frozen=True)
class _Source:
    key: str
    name: str
    score: float | None
    trend: _TrendChart | None
    volume: _VolumeChart | None


def as_html(report: Report | None, history: History, rules: Rules) -> str:
    """The page of a report; None before the first run."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    environment.filters |= {
        "percent": lambda value: f"{value:.0%}",
        "count": lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}",
        "figure": lambda value: f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}",
        "day": lambda day: f"{day:%-d %B}",
        "moment": lambda moment: f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC",
        "grade": lambda score: grade(score, rules),
    }
    sources = _sources(report, history) if report else []
    return environment.get_template("page.html").render(report=report, sources=sources)


def grade(score: float, rules: Rules) -> str:
    """`good`, `fair` or `poor`."""
    return "good" if score >= rules.good_from else "fair" if score >= rules.fair_from else "poor"


def _sources(report: Report, history: History) -> list[_Source]:
    volumes = {volume.source: volume for volume in report.volumes}
    odd = {(alarm.source, alarm.about) for alarm in report.alarms if alarm.kind == "volume"}
    found: list[_Source] = []
    for name in sorted({*report.sources, *volumes}):
        key = "source-" + re.sub(r"[^a-z0-9]+", "-", name.lower()) + f"-{len(found)}"
        scores = [(at, scores[name]) for at, scores in history if name in scores]
        volume = volumes.get(name)
        found.append(
            _Source(
                key=key,
                name=name,
                score=report.sources.get(name),
                trend=_trend(f"{key}-trend", name, scores),
                volume=_volume(f"{key}-volume", volume, odd) if volume and volume.counts else None,
            )
        )
    return found


def _volume(key: str, volume: Volume, odd: set[tuple[str, str]]) -> _VolumeChart:
    counts = volume.counts
    first = volume.until - (len(counts) - 1) * DAY
    # A short past takes no more room than its share, so that all charts have one scale.
    before = max(_DAYS - len(counts), 0)
    most = max(*counts, volume.usual or 0, 1)
    bars, days = [], []
    for number, count in enumerate(counts):
        day = first + number * DAY
        kind = "odd" if (volume.source, day.isoformat()) in odd else "day" if count else "none"
        height = max(count / most * _HEIGHT, 1.5)
        bars.append(
            _Bar((before + number) * (_BAR + _GAP), round(_BASE - height, 1), _BAR, round(height, 1), kind)
        )
        days.append((day, count, kind))
    top = max(days, key=lambda one: one[1])
    usual = "" if volume.usual is None else f" Usual are {volume.usual:g}."
    strange = "".join(f" Odd: {count} on {day:%-d %B}." for day, count, kind in days if kind == "odd")
    words = (
        f"Events of {volume.source} by day, {first:%-d %B} to {volume.until:%-d %B}: at most {top[1]}, "
        f"on {top[0]:%-d %B}; {counts[-1]} so far on the last day.{usual}{strange}"
    )
    return _VolumeChart(
        key=key,
        source=volume.source,
        words=words,
        width=(before + len(counts)) * (_BAR + _GAP) - _GAP,
        bars=bars,
        days=days[::-1],
        first=first - before * DAY,
        last=volume.until,
        usual=volume.usual,
        usual_y=None if volume.usual is None else round(_BASE - volume.usual / most * _HEIGHT, 1),
    )


def _trend(key: str, name: str, scores: Sequence[tuple[datetime, float]]) -> _TrendChart | None:
    """A line needs two days."""
    if len(scores) < 2:
        return None
    values = [score for _, score in scores]
    step = _TREND_WIDTH / (len(values) - 1)
    points: list[tuple[Any, Any]] = [
        (round(number * step, 1), round(4 + (1 - value) * _TREND_HEIGHT, 1))
        for number, value in enumerate(values)
    ]
    words = (
        f"Score of {name} from {scores[0][0]:%-d %B} to {scores[-1][0]:%-d %B}: began at {values[0]:.0%}, "
        f"lowest {min(values):.0%}, highest {max(values):.0%}, now {values[-1]:.0%}."
    )
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return _TrendChart(key, words, len(values), path, *points[-1])
