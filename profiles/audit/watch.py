"""Vouches for the audit log while the service runs: what is new is verified, then signed."""

import asyncio

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from common.logs import get_logger
from profiles.audit.checkpoints import in_database, in_file, keep
from profiles.audit.settings import AuditSettings
from profiles.audit.verify import Report, verify

log = get_logger(__name__)

CHECKPOINT_SECONDS = 60.0


async def check_and_sign(engine: AsyncEngine, settings: AuditSettings) -> Report:
    """Verify the entries since the newest checkpoint and sign where the chain stands, unless a fault was found.

    Raises:
        UnusableAuditKey, UnreadableCheckpoints, OSError
    """
    keys = settings.keys()
    async with engine.connect() as connection:
        checkpoints = [*await in_database(connection), *in_file(settings.file())]
    vouched = [one for one in checkpoints if keys.vouched(one)]
    newest = max(vouched, key=lambda one: one.sequence, default=None)
    report = await verify(engine, keys, checkpoints, after=newest)
    if not report.faults and report.entries:
        async with engine.begin() as connection:
            await keep(connection, settings.file(), keys.sign(*report.last))
    return report


async def watch(engine: AsyncEngine, settings: AuditSettings) -> None:
    """Check and sign every `CHECKPOINT_SECONDS`, until cancelled; whatever is wrong is an error in the log."""
    while True:
        await asyncio.sleep(CHECKPOINT_SECONDS)
        try:
            report = await check_and_sign(engine, settings)
        except (SQLAlchemyError, OSError, ValueError) as error:
            log.error("no checkpoint of the audit log", error=error)
            continue
        for fault in report.faults:
            log.error("the audit log was tampered with", fault=str(fault))
