"""When things happen: seasons, days of the week and hours of the day."""

from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from demo.generator.behaviours import Habits

Days = NDArray[np.float64]

#: Trade by month, January first; by day of the week, Monday first; by hour of the day.
_MONTHS = np.array([0.95, 0.8, 0.85, 0.9, 0.95, 0.9, 0.95, 0.85, 0.95, 1.05, 1.5, 1.35])
_WEEKDAYS = np.array([0.95, 0.9, 0.92, 0.95, 1.0, 1.1, 1.18])
_HOURS = np.array(
    [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 11, 11, 12, 11, 10, 10, 11, 13, 16, 19, 20, 17, 10, 5], float
)
_HOURS_SUMMED = np.cumsum(_HOURS / _HOURS.sum())

DAY = 86_400


def season(now: datetime, length: int) -> Days:
    """How busy the shop is on each of the last `length` days; index 0 is yesterday, 1.0 the mean of a year."""
    dates = [now - timedelta(days=back) for back in range(1, length + 1)]
    return np.array([_MONTHS[date.month - 1] * _WEEKDAYS[date.weekday()] for date in dates])


def lifecycle(tenure: int, quiet_since: int | None) -> Days:
    """How alive a customer is on each day since sign-up (index 0 yesterday): 1, or fading since some day."""
    alive = np.ones(tenure)
    if quiet_since is not None:
        fading = min(quiet_since, tenure)
        alive[:fading] = np.exp(-np.arange(fading, 0, -1) / 22.0)
    return alive


def quiet_since(habits: Habits, rng: np.random.Generator) -> int | None:
    """How many days ago a customer began to fall silent, or None."""
    low, high = habits.quiet_days
    return int(rng.uniform(low, high + 1)) if high else None


def moments(now: datetime, per_day: Days, rng: np.random.Generator) -> list[datetime]:
    """Times of a Poisson process with `per_day` events on each past day (index 0 yesterday), oldest first."""
    back = np.repeat(np.arange(1, len(per_day) + 1), rng.poisson(per_day))
    seconds = time_of_day(len(back), rng) - back * DAY
    return [now + timedelta(seconds=second) for second in np.sort(seconds).tolist()]


def time_of_day(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Seconds since midnight as people shop: little at night, most after supper."""
    hours = np.searchsorted(_HOURS_SUMMED, rng.random(count), side="right").clip(0, 23)
    return np.asarray(hours * 3600 + rng.integers(0, 3600, count), dtype=np.int64)
