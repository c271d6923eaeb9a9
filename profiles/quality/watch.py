"""Measures the data again and again while the service runs, in a process of its own so that no request waits."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from common.logs import get_logger
from profiles.own_process import run_command
from profiles.quality.run import latest

log = get_logger(__name__)

EVERY_SECONDS = 3600.0
#: Not while everything else is starting.
FIRST_SECONDS = 60.0
MEASURED = {0, 1}


async def watch(engine: AsyncEngine) -> None:
    """Measure every hour, until cancelled; several services on one database take turns."""
    while True:
        await asyncio.sleep(max(FIRST_SECONDS, await _seconds_left(engine)))
        await measure_if_due(engine)


async def measure_if_due(engine: AsyncEngine) -> bool:
    """Measure, unless the last run is younger than an hour. Gives whether it was measured."""
    if await _seconds_left(engine) > 0:
        return False
    code = await run_command("quality")
    if code not in MEASURED:
        log.error("the quality of the data was not measured", exit_code=code)
    return code in MEASURED


async def _seconds_left(engine: AsyncEngine) -> float:
    """Until the next run is due."""
    try:
        async with engine.connect() as connection:
            report = await latest(connection)
    except (SQLAlchemyError, OSError) as error:
        log.warning("the last run is not known", error=error)
        return EVERY_SECONDS
    return 0.0 if report is None else EVERY_SECONDS - (datetime.now(UTC) - report.at).total_seconds()
