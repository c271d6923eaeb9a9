"""Jobs of export and erasure: they rest in the database, so that an interrupted one is taken up again."""

import contextlib
import hashlib
import uuid
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from profiles.audit.acting import acting
from profiles.audit.chain import Entry, note
from profiles.crypto import Vault
from profiles.rights import people
from profiles.rights.stores import Identifiers
from profiles.rights.tables import RightsJob, RightsStep

Kind = Literal["export", "erasure"]
UNFINISHED = ("waiting", "running")
#: An export walks all stores: one is enough for so long.
FRESH = timedelta(hours=1)
_LOCKS = 7_426_013

_TRY = text("SELECT pg_try_advisory_lock(:group, :job)")
_GIVE_BACK = text("SELECT pg_advisory_unlock(:group, :job)")
#: An id that was merged away stands for the customer that it became part of.
_CANONICAL = text("SELECT customer_id FROM profiles.aliases WHERE alias_id = :id")


@dataclass(frozen=True)
class Job:
    """One request of a person."""

    job_id: str
    kind: Kind
    pseudonym: str
    asked_by: str
    why: str
    walk: int
    identifiers: Identifiers

    @property
    def customer_id(self) -> str:
        """Whom the request named."""
        [customer_id] = self.identifiers["asked"]
        return customer_id


class UnderWay(Exception):
    """Another process is working on this job."""


async def ask(engine: AsyncEngine, vault: Vault, kind: Kind, customer_id: str) -> str:
    """Note a request; while one of this kind is unfinished it is that one.

    Returns:
        The id of the job.
    """
    customer_id = await _golden(engine, customer_id)
    pseudonym, by = vault.pseudonym(customer_id), acting()
    job_id = uuid.uuid4().hex
    row = {
        "job_id": job_id,
        "kind": kind,
        "pseudonym": pseudonym,
        "asked_by": by.who,
        "why": by.why,
        "identifiers": people.seal(vault, job_id, {"asked": {customer_id}, people.CUSTOMERS: {customer_id}}),
    }
    while True:
        query = select(RightsJob.job_id).where(
            RightsJob.pseudonym == pseudonym, RightsJob.kind == kind, RightsJob.state.in_(UNFINISHED)
        )
        async with engine.connect() as connection:
            known: str | None = await connection.scalar(query)
        if known is not None:
            return known
        with contextlib.suppress(IntegrityError):  # somebody asked in the same moment
            async with engine.begin() as connection:
                await connection.execute(insert(RightsJob).values(row))
                await note(connection, [Entry(by.who, f"{kind} asked for", pseudonym, by.why)])
            return job_id


async def just_exported(engine: AsyncEngine, vault: Vault, customer_id: str) -> str | None:
    """The newest export that can be fetched and is not older than `FRESH`, if there is one."""
    query = select(RightsJob.job_id).where(
        RightsJob.pseudonym == await pseudonym_of(engine, vault, customer_id),
        RightsJob.kind == "export",
        RightsJob.document.is_not(None),
        RightsJob.finished_at > func.now() - FRESH,
    )
    async with engine.connect() as connection:
        found: str | None = await connection.scalar(query.order_by(RightsJob.finished_at.desc()).limit(1))
    return found


async def withdraw_exports(
    connection: AsyncConnection, vault: Vault, customer_ids: Collection[str], since: datetime
) -> None:
    """Forget what was exported of these since; exports that are being made are begun again."""
    theirs = (RightsJob.kind == "export") & RightsJob.pseudonym.in_(
        [vault.pseudonym(one) for one in customer_ids]
    )
    unfinished = RightsJob.state.in_(UNFINISHED)
    await connection.execute(
        update(RightsJob).where(theirs, unfinished).values(state="waiting", walk=RightsJob.walk + 1)
    )
    made = update(RightsJob).where(theirs, RightsJob.finished_at >= since, RightsJob.document.is_not(None))
    await connection.execute(made.values(document=None))


async def pseudonym_of(engine: AsyncEngine, vault: Vault, customer_id: str) -> str:
    """By what the jobs of a customer are found."""
    return vault.pseudonym(await _golden(engine, customer_id))


async def _golden(engine: AsyncEngine, customer_id: str) -> str:
    async with engine.connect() as connection:
        return await connection.scalar(_CANONICAL, {"id": customer_id}) or customer_id


@contextlib.asynccontextmanager
async def hold(engine: AsyncEngine, job_id: str) -> AsyncIterator[None]:
    """Be the only process that works on a job, until the end or until this process is no more.

    Raises:
        UnderWay
    """
    key = {"group": _LOCKS, "job": int.from_bytes(hashlib.sha256(job_id.encode()).digest()[:4], signed=True)}
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not await connection.scalar(_TRY, key):
            raise UnderWay(job_id)
        try:
            yield
        finally:
            await connection.execute(_GIVE_BACK, key)


async def unfinished(engine: AsyncEngine) -> list[str]:
    """Jobs that wait, or whose process has ended; and those that another process is working on."""
    query = select(RightsJob.job_id).where(RightsJob.state.in_(UNFINISHED)).order_by(RightsJob.asked_at)
    async with engine.connect() as connection:
        return list((await connection.scalars(query)).all())


async def begin_walk(engine: AsyncEngine, vault: Vault, job_id: str, stores: int) -> Job | None:
    """The job, at the beginning of its next walk, which counts however it ends; None when it is over."""
    change = (
        update(RightsJob)
        .where(RightsJob.job_id == job_id, RightsJob.state.in_(UNFINISHED))
        .values(state="running", walk=RightsJob.walk + 1, stores=stores)
        .returning(RightsJob)
    )
    async with engine.begin() as connection:
        row = (await connection.execute(change)).one_or_none()
    if row is None:
        return None
    return Job(
        row.job_id,
        row.kind,
        row.pseudonym,
        row.asked_by,
        row.why,
        row.walk,
        people.opened(vault, job_id, row.identifiers),
    )


async def keep_identifiers(
    connection: AsyncConnection, vault: Vault, job_id: str, identifiers: Identifiers
) -> None:
    """Keep under which ids the person was found: once rows are gone nothing leads to some of them any more."""
    sealed = people.seal(vault, job_id, identifiers)
    await connection.execute(update(RightsJob).where(RightsJob.job_id == job_id).values(identifiers=sealed))


async def step(engine: AsyncEngine, job: Job, store: str, found: int) -> None:
    """A walk is done with a store."""
    row = {"job_id": job.job_id, "walk": job.walk, "store": store, "found": found}
    async with engine.begin() as connection:
        await connection.execute(insert(RightsStep).values(row))


async def steps(connection: AsyncConnection, job_id: str) -> dict[str, int]:
    """What was found by store, over all walks."""
    query = (
        select(RightsStep.store, func.sum(RightsStep.found))
        .where(RightsStep.job_id == job_id)
        .group_by(RightsStep.store)
    )
    return {store: int(found) for store, found in (await connection.execute(query)).all()}


async def fail(engine: AsyncEngine, job_id: str, problem: str) -> None:
    """End a job that can't be done; asking again makes a new one."""
    await fail_after(engine, job_id, 0, problem)


async def fail_after(engine: AsyncEngine, job_id: str, walks: int, problem: str) -> None:
    """End an unfinished job that has been begun so often; any other is left to be tried again."""
    over = update(RightsJob).where(
        RightsJob.job_id == job_id, RightsJob.state.in_(UNFINISHED), RightsJob.walk >= walks
    )
    async with engine.begin() as connection:
        await connection.execute(
            over.values(state="failed", problem=problem, identifiers=None, finished_at=func.now())
        )
