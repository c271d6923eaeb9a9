"""What a customer allows now: the latest statement about each purpose, while it has not expired."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from profiles.protocol import PURPOSES, Purpose
from profiles.records import ConsentStatement

#: Service rests on the contract, not on consent: allowed unless the customer has said no.
_WITHOUT_STATEMENT: dict[Purpose, bool] = {purpose: purpose == "service" for purpose in PURPOSES}
_LONGEST = timedelta(days=1)


def in_force(statements: Iterable[ConsentStatement], now: datetime) -> dict[Purpose, bool]:
    """Whether each purpose is allowed at `now`. Statements dated later than that do not count yet."""
    allowed = dict(_WITHOUT_STATEMENT)
    for statement in sorted(statements, key=lambda statement: statement.at):
        if statement.at <= now:
            expired = statement.expires_at is not None and statement.expires_at <= now
            allowed[statement.purpose] = statement.granted and not expired
    return allowed


def next_change(statements: Iterable[ConsentStatement], now: datetime) -> datetime:
    """Until when `in_force` stays as it is, a day at most, if nothing is written."""
    moments = [
        moment for said in statements for moment in (said.at, said.expires_at) if moment and moment > now
    ]
    return min([*moments, now + _LONGEST])
