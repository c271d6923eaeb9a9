"""What every customer of a run shares, and what makes one customer act as they do."""

from dataclasses import dataclass
from datetime import datetime

from demo.generator.behaviours import Habits
from demo.generator.calendar import Days
from demo.generator.choice import Shelf
from demo.policy import Policy
from demo.records import Behaviour, Channel


@dataclass(frozen=True, slots=True)
class Shop:
    """The moment, the shelf, the rules; `season` is how busy each past day was, yesterday first."""

    now: datetime
    shelf: Shelf
    policy: Policy
    season: Days


@dataclass(frozen=True, slots=True)
class Person:
    """Hidden from the profile. `alive` is how active each day since sign-up is, yesterday first."""

    behaviour: Behaviour
    habits: Habits
    signed_up: datetime
    quiet_from: datetime | None
    alive: Days
    preferred: Channel
