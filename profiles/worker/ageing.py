"""Counts of the last so many days change as days go by, for customers who do nothing, too."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

from redis import RedisError
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from common.logs import get_logger
from profiles.derived import TICKET_DAYS
from profiles.store import Store
from profiles.worker import statements

log = get_logger(__name__)

#: The lengths of the windows of `activity`, in days.
WINDOWS = (7, 30, 90)
#: Redis key with the day for which everybody was brought up to date last.
AGED = "profiles:aged"
LOOK_SECONDS = 600.0
_CUSTOMERS_AT_ONCE = 500

#: Who did something on a day that has left a window since, or had a contact that has.
_AGED = text("""
    SELECT DISTINCT customer_id FROM profiles.daily_activity WHERE day = ANY (CAST(:days AS date[]))
    UNION
    SELECT customer_id FROM profiles.interactions WHERE occurred_at >= :first AND occurred_at < :last
    ORDER BY customer_id
""")


async def age_for_ever(store: Store, redis: Redis) -> None:
    """Once a day, soon after midnight UTC, bring up to date whom a day gone by has changed."""
    while True:
        try:
            known: Any = await redis.get(AGED)
            today = datetime.now(UTC).date()
            last = date.fromisoformat(known.decode()) if known else today - timedelta(days=max(WINDOWS))
            if last < today:
                changed = await age(store, last, today)
                await redis.set(AGED, today.isoformat())
                log.info("a day has gone by", customers_changed=changed)
        except (RedisError, OSError, SQLAlchemyError) as error:
            log.warning("customers not aged; will be tried again", error=type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def age(store: Store, last: date, today: date) -> int:
    """Bring up to date whose counts are others on `today` than they were on `last`.

    Returns:
        How many customers have a new version.
    """
    gone = [last + timedelta(days=n) for n in range(1, (today - last).days + 1)]
    asked = {
        "days": sorted({day - timedelta(days=window) for day in gone for window in WINDOWS}),
        "first": last - timedelta(days=TICKET_DAYS + 1),
        "last": today - timedelta(days=TICKET_DAYS - 1),
    }
    async with store.engine.connect() as connection:
        customers = list((await connection.scalars(_AGED, asked)).all())
    changed = 0
    for start in range(0, len(customers), _CUSTOMERS_AT_ONCE):
        some = customers[start : start + _CUSTOMERS_AT_ONCE]
        async with store.engine.begin() as connection:
            await connection.execute(statements.LOCK_CUSTOMERS, {"ids": some})
            changes = await store.follow_up(
                connection, some, datetime.now(UTC), forget_stale=False, if_changed=some
            )
        await store.tell_cache(changes)
        changed += len(changes)
    return changed
