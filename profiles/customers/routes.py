"""Routes about customers beyond the view of one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field

from common.auth import bearer
from common.problems import Problem
from profiles.api_access import Actor, AdmittingRoute, GoldenId, Keep, Reason, admit, audited, note_reads
from profiles.customers.contacts import BadCursor, ContactPage, Place, page_of_contacts
from profiles.customers.etags import tagged
from profiles.customers.glance import RECENT, AtAGlance, at_a_glance
from profiles.customers.needs import load_needs
from profiles.protocol import CustomerId, CustomerView, Purpose

#: Contacts on a page, and at most.
PAGE, LONGEST_PAGE = 20, 100
#: Customers that may be asked for at once.
MANY = 100


class Asked(BaseModel):
    """Whose views are wanted, and for what."""

    customer_ids: Annotated[list[CustomerId], Field(min_length=1, max_length=MANY)]
    purpose: Purpose = "service"


class ManyViews(BaseModel):
    """The views of those who exist, in the order asked for, and the ids that nobody has."""

    views: list[CustomerView]
    unknown: list[str]


def make_router() -> APIRouter:
    """The routes, with the rules of likely needs read once."""
    router = APIRouter(tags=["customers"], route_class=AdmittingRoute)
    rules = load_needs()
    reads_glance = Depends(audited("at a glance"))
    reads_contacts = Depends(audited("contacts"))

    @router.get(
        "/api/customer/{customer_id}/at-a-glance", response_model=AtAGlance, dependencies=[reads_glance]
    )
    async def glance(
        customer_id: GoldenId, store: Keep, if_none_match: Annotated[str | None, Header()] = None
    ) -> Response:
        """Who this is, the newest contacts and what they most likely need, for an agent; audited."""
        service = await store.view(customer_id, "service")
        personal = await store.view(customer_id, "personalisation")
        async with store.engine.connect() as connection:
            contacts = await page_of_contacts(connection, customer_id, limit=RECENT)
        return tagged(at_a_glance(service, personal, contacts, rules), service.version, if_none_match)

    @router.get("/api/customer/{customer_id}/interactions", dependencies=[reads_contacts])
    async def contacts(
        customer_id: GoldenId,
        store: Keep,
        limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE)] = PAGE,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
    ) -> ContactPage:
        """The customer's contacts, newest first; `next` is the cursor of the following page."""
        try:
            after = None if cursor is None else Place.of_cursor(cursor)
        except BadCursor:
            raise Problem(422, "bad-cursor", "The cursor is not one that an earlier page gave.") from None
        async with store.engine.connect() as connection:
            return await page_of_contacts(connection, customer_id, limit=limit, after=after)

    @router.post("/api/customers/views")
    async def many(
        asked: Asked, request: Request, store: Keep, actor: Actor = None, reason: Reason = None
    ) -> ManyViews:
        """The views of up to 100 customers at once."""
        caller = await admit(request, bearer(request))
        wanted = list(dict.fromkeys(asked.customer_ids))
        await note_reads(
            request, caller, "view", wanted, actor=actor, reason=reason or f"purpose {asked.purpose}"
        )
        views = await store.views(wanted, asked.purpose)
        known = {view.customer_id for view in views}
        return ManyViews(views=views, unknown=[one for one in wanted if one not in known])

    return router
