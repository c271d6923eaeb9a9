"""Whether as much comes from each source as always: each day against the source's own past, and long silences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import sqrt
from statistics import median

from profiles.quality.rules import Alarms

#: What makes the median absolute deviation of a normal distribution its standard deviation.
TO_DEVIATION = 1.4826
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Usual:
    """What a source sends on a day as a rule.

    Attributes:
        deviation: robust standard deviation; never less than that of counts that come by chance.
    """

    median: float
    deviation: float

    def distance(self, count: int) -> float:
        """How far off a count is, in deviations."""
        return (count - self.median) / self.deviation


def usual(counts: Sequence[int]) -> Usual:
    """What is usual by these days.

    Raises:
        statistics.StatisticsError: there are none.
    """
    middle = median(counts)
    spread = median(abs(count - middle) for count in counts)
    return Usual(middle, max(TO_DEVIATION * spread, sqrt(middle), 1.0))


@dataclass(frozen=True)
class OddDay:
    """A day on which a source sent much more or much less than usual."""

    source: str
    day: date
    count: int
    usual: float
    distance: float


def odd_days(source: str, by_day: Mapping[date, int], today: date, alarms: Alarms) -> list[OddDay]:
    """Whether yesterday was odd, or today already is: a day that is not over can only have too much.

    Args:
        by_day: events by the day on which they were received; a day without any may be missing.
    """
    found = []
    for day in (today - DAY, today):
        past = past_of(by_day, day, alarms.past_days)
        if len(past) < alarms.least_days:
            continue
        count, rule = by_day.get(day, 0), usual(past)
        distance = rule.distance(count)
        if day == today and distance < 0:
            continue
        if abs(distance) >= alarms.distance and abs(count - rule.median) >= alarms.least_events:
            found.append(OddDay(source, day, count, rule.median, round(distance, 1)))
    return found


def past_of(by_day: Mapping[date, int], day: date, days: int) -> list[int]:
    """The counts of so many days before a day, from the source's first day on, the oldest first."""
    if not by_day:
        return []
    first = max(min(by_day), day - days * DAY)
    return [by_day.get(first + number * DAY, 0) for number in range((day - first).days)]


@dataclass(frozen=True)
class Silence:
    """A source from which nothing has come for unusually long. In days."""

    source: str
    since: datetime
    days: float
    usual_pause: float


def silence(
    source: str, days: Sequence[date], last: datetime, now: datetime, alarms: Alarms
) -> Silence | None:
    """Whether the source has fallen silent.

    Args:
        days: those on which something came, in any order.
        last: when something came last.
    """
    ordered = sorted(set(days))
    if len(ordered) < alarms.least_days:
        return None
    pause = median((later - earlier).days for earlier, later in pairwise(ordered))
    gone = (now - last) / DAY
    if gone <= max(alarms.silent_days, alarms.silent_pauses * pause):
        return None
    return Silence(source, last, round(gone, 1), pause)
