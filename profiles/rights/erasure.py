"""Erases a person: a tombstone, every store, one after the other, and again until a look finds nothing.

An interrupted job walks all stores anew: a row that came in meanwhile is found, and erasing twice does no harm.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, update

from profiles.audit.chain import Entry, note
from profiles.protocol import utc_text
from profiles.rights import jobs, tombstones
from profiles.rights.jobs import Job
from profiles.rights.people import CUSTOMERS, DEVICES
from profiles.rights.places import Surroundings
from profiles.rights.stores import Identifiers
from profiles.rights.table_place import TablePlace
from profiles.rights.tables import RightsJob
from profiles.rights.walk import identify, places

#: Whoever is still written about after so many walks has to be looked into by a person.
WALKS = 5

#: Told of each store when it is done with: its name, how much was found, and which of how many it is.
Progress = Callable[[str, int, int, int], None]


class StillWritten(Exception):
    """After several walks there is still something of the person: somebody goes on writing it."""

    def __init__(self, places_: dict[str, int]) -> None:
        super().__init__(", ".join(f"{title}: {count}" for title, count in places_.items()))
        self.places = places_


#: What was done: pseudonym, walks, by store how much was erased, what is kept, why and until when.
Certificate = dict[str, Any]


async def plan(around: Surroundings, customer_id: str) -> dict[str, int]:
    """What an erasure would find now, by store. Changes nothing."""
    async with around.engine.connect() as connection:
        identifiers = await identify(connection, around, customer_id)
    return {place.title: await place.count(identifiers) for place in places(around)}


async def erase(around: Surroundings, customer_id: str, progress: Progress | None = None) -> Certificate:
    """Erase a person now, or go on where an earlier process was interrupted.

    Raises:
        jobs.UnderWay: another process is at it.
        StillWritten
    """
    job_id = await jobs.ask(around.engine, around.vault, "erasure", customer_id)
    return await run(around, job_id, progress)


async def run(around: Surroundings, job_id: str, progress: Progress | None = None) -> Certificate:
    """Do a job to its end; gives the certificate.

    Raises:
        jobs.UnderWay, StillWritten
    """
    async with jobs.hold(around.engine, job_id):
        left: dict[str, int] = {}
        for _ in range(WALKS):
            job, identifiers = await _begin(around, job_id)
            if job is None:
                return {}
            await _walk(around, job, identifiers, progress)
            left = await _left(around, job.customer_id, identifiers)
            if not left:
                return await _finish(around, job, identifiers)
        await jobs.fail(around.engine, job_id, "still written: " + ", ".join(left))
        raise StillWritten(left)


async def _begin(around: Surroundings, job_id: str) -> tuple[Job | None, Identifiers]:
    """Find the person, and let nobody add anything to them from here on."""
    job = await jobs.begin_walk(around.engine, around.vault, job_id, len(places(around)))
    if job is None:
        return None, {}
    async with around.engine.begin() as connection:
        identifiers = await identify(connection, around, job.customer_id, job.identifiers)
        identifiers["asked"] = {job.customer_id}
        await jobs.keep_identifiers(connection, around.vault, job_id, identifiers)
    async with around.engine.begin() as connection:
        await tombstones.put(connection, around.vault, identifiers[CUSTOMERS] | identifiers[DEVICES])
    # Whatever was being written has ended now, and may have brought new ids.
    async with around.engine.begin() as connection:
        identifiers |= await identify(connection, around, job.customer_id, identifiers)
        await jobs.keep_identifiers(connection, around.vault, job_id, identifiers)
        await tombstones.put(connection, around.vault, identifiers[CUSTOMERS] | identifiers[DEVICES])
    return job, identifiers


async def _walk(around: Surroundings, job: Job, identifiers: Identifiers, progress: Progress | None) -> None:
    all_ = places(around)
    for number, place in enumerate(all_, start=1):
        found = await place.erase(identifiers, job.pseudonym)
        await jobs.step(around.engine, job, place.title, found if place.empties else 0)
        if progress is not None:
            progress(place.title, found, number, len(all_))


async def _left(around: Surroundings, customer_id: str, identifiers: Identifiers) -> dict[str, int]:
    """A last look: what there still is of the person, under ids that may have come since."""
    async with around.engine.connect() as connection:
        now = await identify(connection, around, customer_id, identifiers)
    counts = {place.title: await place.count(now) for place in places(around) if place.empties}
    return {title: count for title, count in counts.items() if count}


async def _finish(around: Surroundings, job: Job, identifiers: Identifiers) -> Certificate:
    kept = {}
    for store in around.stores.stores:
        if store.erase == "keep" and (rows := await TablePlace(store, around).count(identifiers)):
            kept[store.title] = {"rows": rows, "because": store.because, "until": store.until}
    async with around.engine.begin() as connection:
        found = {title: count for title, count in (await jobs.steps(connection, job.job_id)).items() if count}
        certificate: Certificate = {
            "pseudonym": job.pseudonym,
            "finished_at": utc_text(datetime.now(UTC)),
            "walks": job.walk,
            "stores": len(places(around)),
            "erased": found,
            "under_a_pseudonym": {
                store.title: store.because
                for store in around.stores.stores
                if store.erase == "pseudonymise" and store.title in found
            },
            "kept": kept,
            "left": 0,
        }
        await connection.execute(
            update(RightsJob)
            .where(RightsJob.job_id == job.job_id)
            .values(state="done", certificate=certificate, identifiers=None, finished_at=func.now())
        )
        entries = [
            Entry(job.asked_by, "erased", around.vault.pseudonym(one), job.why)
            for one in sorted(identifiers[CUSTOMERS])
        ]
        await note(connection, entries)
    return certificate
