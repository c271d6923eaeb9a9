"""What events tell about a customer in sums: read from the daily counts for many customers at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

#: Names of events that are counted for something.
VIEWED, ORDERED, SIGNED_IN = "Product Viewed", "Order Completed", "Signed In"
#: What an action of the last 30 days is worth for `engagement`; any other is worth 1.
WORTH = {ORDERED: 10, "Checkout Started": 5, "Product Added": 3, SIGNED_IN: 2}


@dataclass(frozen=True)
class Sums:
    """Counts of events; amounts in pounds. Days are those of UTC, and today is one of them."""

    orders: int = 0
    orders_90d: int = 0
    spent: float = 0.0
    logins_30d: int = 0
    views_7d: int = 0


@dataclass(frozen=True)
class Activity:
    """What a customer did.

    Attributes:
        ever: everything.
        later: what the shop's facts do not count yet.
        worth_30d: of the actions of the last 30 days, see `WORTH`.
    """

    ever: Sums = Sums()
    later: Sums = Sums()
    worth_30d: int = 0
    last_order_at: datetime | None = None
    last_login_at: datetime | None = None


_SUMS = """
    coalesce(sum(count) FILTER (WHERE {rows} AND name = :ordered), 0) AS {prefix}_orders,
    coalesce(sum(count) FILTER (WHERE {rows} AND name = :ordered AND age < 90), 0) AS {prefix}_orders_90d,
    coalesce(sum(amount) FILTER (WHERE {rows} AND name = :ordered), 0) AS {prefix}_spent,
    coalesce(sum(count) FILTER (WHERE {rows} AND name = :signed_in AND age < 30), 0) AS {prefix}_logins_30d,
    coalesce(sum(count) FILTER (WHERE {rows} AND name = :viewed AND age < 7), 0) AS {prefix}_views_7d
"""
_NAMES = {"ordered": ORDERED, "signed_in": SIGNED_IN, "viewed": VIEWED}
_WORTH = " ".join(f"WHEN '{name}' THEN {points}" for name, points in WORTH.items())

_OF_COUNTED = f"""
    SELECT customer_id,
        {_SUMS.format(prefix="ever", rows="ever")},
        {_SUMS.format(prefix="later", rows="later")},
        coalesce(sum(count * CASE name {_WORTH} ELSE 1 END) FILTER (WHERE ever AND age < 30), 0) AS worth_30d,
        max(last_at) FILTER (WHERE name = :ordered) AS last_order_at,
        max(last_at) FILTER (WHERE name = :signed_in) AS last_login_at
    FROM counted GROUP BY customer_id
"""  # noqa: S608  (made of constants)

#: As of a time in the past, for one customer: the daily counts tell no time of day.
_THEN = text(f"""
    WITH counted AS (
        SELECT customer_id, CASE kind WHEN 'page' THEN 'Page Viewed' ELSE name END AS name, 1 AS count,
            coalesce(profiles.amount_of(document), 0) AS amount, occurred_at AS last_at,
            :today - (occurred_at AT TIME ZONE 'UTC')::date AS age, true AS ever,
            occurred_at > :facts_at AS later
        FROM profiles.events
        WHERE customer_id = :id AND occurred_at <= :at AND kind IN ('track', 'page'))
    {_OF_COUNTED}
""")  # noqa: S608  (made of constants)

#: Facts were given at a moment, days are counted as a whole: of that day the single events say what came later.
_ACTIVITY = text(f"""
    WITH asked AS (
        SELECT customer_id, facts_at, (facts_at AT TIME ZONE 'UTC')::date AS facts_day
        FROM profiles.customers WHERE customer_id = ANY (CAST(:ids AS text[]))),
    counted AS (
        SELECT customer_id, name, count, amount, last_at, :today - day AS age, true AS ever,
            day > facts_day AS later
        FROM asked JOIN profiles.daily_activity USING (customer_id)
        UNION ALL
        SELECT a.customer_id, e.name, 1, coalesce(profiles.amount_of(e.document), 0), e.occurred_at,
            :today - facts_day, false, true
        FROM asked AS a JOIN profiles.events AS e ON e.customer_id = a.customer_id
            AND e.occurred_at > a.facts_at AND e.occurred_at < (facts_day + 1)::timestamp AT TIME ZONE 'UTC'
        WHERE a.facts_at > 'epoch' AND e.kind = 'track')
    {_OF_COUNTED}
""")  # noqa: S608  (made of constants)


async def activity_of(
    connection: AsyncConnection, customer_ids: Sequence[str], today: date
) -> dict[str, Activity]:
    """What those of the customers did who did anything."""
    parameters = {"ids": list(customer_ids), "today": today, **_NAMES}
    rows = (await connection.execute(_ACTIVITY, parameters)).mappings().all()
    return {row["customer_id"]: _activity(row) for row in rows}


async def activity_then(
    connection: AsyncConnection, customer_id: str, facts_at: datetime, at: datetime
) -> Activity:
    """What a customer had done at a time; `later` counts from the facts that were known then."""
    today = at.astimezone(UTC).date()
    parameters = {"id": customer_id, "facts_at": facts_at, "at": at, "today": today, **_NAMES}
    row = (await connection.execute(_THEN, parameters)).mappings().one_or_none()
    return Activity() if row is None else _activity(row)


def _activity(row: RowMapping) -> Activity:
    return Activity(
        ever=_sums(row, "ever"),
        later=_sums(row, "later"),
        worth_30d=int(row["worth_30d"]),
        last_order_at=row["last_order_at"],
        last_login_at=row["last_login_at"],
    )


def _sums(row: RowMapping, prefix: str) -> Sums:
    return Sums(
        orders=int(row[f"{prefix}_orders"]),
        orders_90d=int(row[f"{prefix}_orders_90d"]),
        spent=float(row[f"{prefix}_spent"]),
        logins_30d=int(row[f"{prefix}_logins_30d"]),
        views_7d=int(row[f"{prefix}_views_7d"]),
    )
