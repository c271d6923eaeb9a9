"""Requests of a person: export and erasure, as jobs that the worker does.

A customer asks for the own record, an admin for anybody's (`data/security/policy.csv`).
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel
from sqlalchemy import func, select

from common.problems import Problem
from profiles.api_access import AdmittingRoute, Id, Keep, Secrets, audited
from profiles.rights import export, jobs
from profiles.rights.page import page
from profiles.rights.tables import RightsJob, RightsStep

JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]

#: While a job is not done, clients ask again after so many seconds.
ASK_AGAIN_SECONDS = 2
#: Of an export: what people have written is no program of the page.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


class Progress(BaseModel):
    """How far the present walk is: `done` of `stores`."""

    walk: int
    done: int
    stores: int


class JobState(BaseModel):
    """One request. `certificate` says what an erasure did; `document` is where an export is fetched."""

    job_id: str
    kind: Literal["export", "erasure"]
    state: Literal["waiting", "running", "done", "failed"]
    asked_at: datetime
    finished_at: datetime | None
    progress: Progress
    problem: str | None
    certificate: dict[str, Any] | None = None
    document: str | None = None
    expires_at: datetime | None = None


def make_router() -> APIRouter:
    """The routes of this part."""
    router = APIRouter(tags=["rights"], route_class=AdmittingRoute)
    whole = "/api/customer/{customer_id}"

    @router.post(f"{whole}/exports", status_code=202, dependencies=[Depends(audited("export asked for"))])
    async def ask_export(customer_id: Id, store: Keep, vault: Secrets, response: Response) -> JobState:
        """Ask for everything that is known; asking again gives the same one until an hour after it is done."""
        job_id = await jobs.just_exported(store.engine, vault, customer_id) or await jobs.ask(
            store.engine, vault, "export", customer_id
        )
        response.headers["Location"] = f"/api/customer/{customer_id}/exports/{job_id}"
        return await _state(store, vault, customer_id, job_id, "export")

    @router.get(f"{whole}/exports/{{job_id}}", dependencies=[Depends(audited("export looked at"))])
    async def look_at_export(
        customer_id: Id, job_id: JobId, store: Keep, vault: Secrets, response: Response
    ) -> JobState:
        """How far it is, and where it is fetched."""
        return _told(await _state(store, vault, customer_id, job_id, "export"), response)

    @router.get(
        f"{whole}/exports/{{job_id}}/document",
        dependencies=[Depends(audited("export fetched"))],
        response_class=JSONResponse,
    )
    async def fetch_export(
        customer_id: Id,
        job_id: JobId,
        store: Keep,
        vault: Secrets,
        form: Annotated[Literal["json", "html"], Query()] = "json",
    ) -> Response:
        """Everything, as JSON or as a page; for seven days."""
        row = await _row(store, vault, customer_id, job_id, "export")
        if row.state != "done":
            raise Problem(409, "not-done", "The export is not done; look at its state.")
        if row.document is None:
            raise Problem(410, "export-gone", "The export was kept for seven days; ask for another one.")
        document = export.opened(vault, job_id, row.document)
        if form == "html":
            return HTMLResponse(page(document), headers=HEADERS)
        return JSONResponse(document, headers=HEADERS)

    @router.post(f"{whole}/erasures", status_code=202, dependencies=[Depends(audited("erasure asked for"))])
    async def ask_erasure(customer_id: Id, store: Keep, vault: Secrets, response: Response) -> JobState:
        """Ask for everything to be erased. It can't be taken back; the customer's own access ends with it."""
        job_id = await jobs.ask(store.engine, vault, "erasure", customer_id)
        response.headers["Location"] = f"/api/customer/{customer_id}/erasures/{job_id}"
        return await _state(store, vault, customer_id, job_id, "erasure")

    @router.get(f"{whole}/erasures/{{job_id}}", dependencies=[Depends(audited("erasure looked at"))])
    async def look_at_erasure(
        customer_id: Id, job_id: JobId, store: Keep, vault: Secrets, response: Response
    ) -> JobState:
        """How far it is, and the certificate once it is done."""
        return _told(await _state(store, vault, customer_id, job_id, "erasure"), response)

    return router


async def _row(store: Keep, vault: Secrets, customer_id: str, job_id: str, kind: str) -> Any:
    """Raises Problem: 404 when this person has no such job."""
    pseudonym = await jobs.pseudonym_of(store.engine, vault, customer_id)
    query = select(RightsJob).where(
        RightsJob.job_id == job_id, RightsJob.kind == kind, RightsJob.pseudonym == pseudonym
    )
    async with store.engine.connect() as connection:
        row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise Problem(404, "unknown-request", f"This customer has no such {kind}.")
    return row


async def _state(store: Keep, vault: Secrets, customer_id: str, job_id: str, kind: str) -> JobState:
    row = await _row(store, vault, customer_id, job_id, kind)
    count = select(func.count()).select_from(RightsStep)
    query = count.where(RightsStep.job_id == job_id, RightsStep.walk == row.walk)
    async with store.engine.connect() as connection:
        done = await connection.scalar(query) or 0
    fetched = kind == "export" and row.document is not None
    return JobState(
        job_id=job_id,
        kind=row.kind,
        state=row.state,
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        progress=Progress(walk=row.walk, done=done, stores=row.stores),
        problem=row.problem,
        certificate=row.certificate,
        document=f"/api/customer/{customer_id}/exports/{job_id}/document" if fetched else None,
        expires_at=row.expires_at,
    )


def _told(state: JobState, response: Response) -> JobState:
    if state.state in jobs.UNFINISHED:
        response.headers["Retry-After"] = str(ASK_AGAIN_SECONDS)
    return state
