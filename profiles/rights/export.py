"""A person's everything, store by store, opened."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, update

from profiles.audit.chain import Entry, note
from profiles.crypto import Vault
from profiles.protocol import utc_text
from profiles.rights import jobs
from profiles.rights.jobs import Job
from profiles.rights.people import CUSTOMERS
from profiles.rights.places import Surroundings
from profiles.rights.stores import Identifiers, TableStore
from profiles.rights.tables import RightsJob
from profiles.rights.walk import identify, places

Document = dict[str, Any]
#: How long an export can be fetched; then it is deleted.
KEPT = timedelta(days=7)
_FIELD = "document"

_KNOWN = text("""
    SELECT EXISTS (SELECT FROM profiles.customers WHERE customer_id = ANY (CAST(:ids AS text[])))
        OR EXISTS (SELECT FROM shop.customers WHERE customer_id = ANY (CAST(:ids AS text[])))
        OR EXISTS (SELECT FROM chat.conversations WHERE customer_id = ANY (CAST(:ids AS text[])))
""")


class NobodyKnown(Exception):
    """Nothing is known of this id."""


async def export(around: Surroundings, customer_id: str) -> Document:
    """Everything of a person, now; noted in the audit log.

    Raises:
        jobs.UnderWay, NobodyKnown
    """
    job_id = await jobs.ask(around.engine, around.vault, "export", customer_id)
    await run(around, job_id)
    async with around.engine.connect() as connection:
        row = (await connection.execute(select(RightsJob).where(RightsJob.job_id == job_id))).one()
    if row.document is None:
        raise NobodyKnown(customer_id)
    return opened(around.vault, job_id, row.document)


async def run(around: Surroundings, job_id: str) -> None:
    """Do a job to its end: the document rests sealed with it for `KEPT`.

    Raises:
        jobs.UnderWay
    """
    async with jobs.hold(around.engine, job_id):
        job = await jobs.begin_walk(around.engine, around.vault, job_id, len(places(around)))
        if job is None:
            return
        async with around.engine.connect() as connection:
            identifiers = await identify(connection, around, job.customer_id, job.identifiers)
            known = await connection.scalar(_KNOWN, {"ids": sorted(identifiers[CUSTOMERS])})
        if not known:
            await jobs.fail(around.engine, job_id, "nothing is known of this person")
            return
        document = await _document(around, job, identifiers)
        sealed = around.vault.seal(job_id, _FIELD, json.dumps(document, ensure_ascii=False))
        async with around.engine.begin() as connection:
            now = datetime.now(UTC)
            written = await connection.execute(
                update(RightsJob)
                .where(RightsJob.job_id == job_id, RightsJob.walk == job.walk)
                .values(
                    state="done",
                    document=sealed,
                    identifiers=None,
                    finished_at=func.now(),
                    expires_at=now + KEPT,
                )
            )
            if not written.rowcount:
                return  # the customer was taken apart meanwhile; the next walk finds who is who
            entries = [
                Entry(job.asked_by, "exported", around.vault.pseudonym(one), job.why)
                for one in sorted(identifiers[CUSTOMERS])
            ]
            await note(connection, entries)


def opened(vault: Vault, job_id: str, sealed: bytes) -> Document:
    """The document of a finished job."""
    document: Document = json.loads(vault.open(job_id, _FIELD, bytes(sealed)))
    return document


async def _document(around: Surroundings, job: Job, identifiers: Identifiers) -> Document:
    stores: list[Document] = []
    for place, store in zip(places(around), around.stores.places(), strict=True):
        shown = await place.show(identifiers)
        await jobs.step(around.engine, job, place.title, len(shown))
        section: Document = {"store": store.title, "about": store.about, "rows": shown}
        if isinstance(store, TableStore):
            section |= {"purpose": store.purpose, "basis": store.basis}
        stores.append(section)
    return {
        "customer_id": job.customer_id,
        "also_known_as": sorted(identifiers[CUSTOMERS] - {job.customer_id}),
        "exported_at": utc_text(datetime.now(UTC)),
        "stores": stores,
    }
