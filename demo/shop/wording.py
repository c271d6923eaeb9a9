"""Days, money and sentences that a customer may read."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def local_day(moment: datetime) -> date:
    """The day in the shop's own time zone."""
    return moment.astimezone(LONDON).date()


def day(when: date, now: datetime) -> str:
    """`19 November`, with the year when it is not this one."""
    text = f"{when.day} {when:%B}"
    return text if when.year == local_day(now).year else f"{text} {when.year}"


def money(amount: Decimal) -> str:
    return f"£{amount:,.2f}"


def listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
