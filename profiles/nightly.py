"""What takes long and runs by itself once a day, beside the worker, each in a process of its own.

Customers who may be one are proposed to people (nothing is merged), and what nobody has said is filled in, or taken
back where it may no longer be.
"""

import asyncio
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from common.logs import get_logger
from profiles.own_process import run_command
from profiles.rights.daily import again_and_again, once_a_day

log = get_logger(__name__)

#: Not while everything else is starting, nor while somebody tries things out.
FIRST_SECONDS = 3_600.0
LOOK_SECONDS = 60.0
#: To compare more takes more memory than a process may take that nobody has asked for (26 KB a customer).
MOST_COMPARED = 50_000

_CUSTOMERS = text("SELECT count(*) FROM profiles.customers")


async def nightly(engine: AsyncEngine) -> None:
    """Look for what is to be done today, until cancelled."""

    async def proposals() -> dict[str, Any]:
        async with engine.connect() as connection:
            customers = int(await connection.scalar(_CUSTOMERS) or 0)
        if customers > MOST_COMPARED:
            log.warning("customers not compared: too many", customers=customers, most=MOST_COMPARED)
            return {"customers": customers, "too_many": True}
        return await _outcome("candidates", "--propose")

    async def imputation() -> dict[str, Any]:
        return await _outcome("quality", "impute")

    async def look() -> None:
        for task, work in (("proposals", proposals), ("imputation", imputation)):
            await once_a_day(engine, task, work)

    await asyncio.sleep(FIRST_SECONDS)
    await again_and_again(look, LOOK_SECONDS)


async def _outcome(*arguments: str) -> dict[str, Any]:
    """Of a command; one that failed is tried again the next day."""
    code = await run_command(*arguments)
    if code:
        log.error("a command that runs by itself failed", command=" ".join(arguments), exit_code=code)
    return {"exit_code": code}
