"""`POST /v1/batch`: what `web/sdk` posts, and `/sdk/…`: the module itself."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from common import problems
from common.auth import bearer
from common.problems import Problem
from web.chat.records import ConversationUnknown
from web.chat.routes import OfApp
from web.chat.schemas import ProblemDocument
from web.chat.service import Service, service_of
from web.collect.messages import BrowserBatch, sort_out

SDK_FOLDER = Path(__file__).resolve().parents[1] / "sdk"


class _Gated(APIRoute):
    """Lets pass who has not sent too much, before the body is read: FastAPI reads it before all dependencies."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_gated(request: Request) -> Response:
            address = request.client.host if request.client else "unknown"
            await service_of(request).gate.events(address)
            return await handle(request)

        return handle_gated


router = APIRouter(tags=["events"], route_class=_Gated)


async def _customer(request: Request) -> str | None:
    """Whose session the browser shows the token of; None for a visitor whom nobody knows."""
    if "authorization" not in request.headers:
        return None
    service: Service = service_of(request)
    conversation_id = service.tokens.conversation(bearer(request))
    try:
        return (await service.records.read(conversation_id)).customer_id
    except ConversationUnknown:
        raise Problem(401, "token-not-valid", "The session of this token is over.") from None


Customer = Annotated[str | None, Depends(_customer)]


@router.post(
    "/v1/batch",
    responses={
        200: {"content": {"application/json": {"example": {"success": True}}}},
        **{status: {"model": ProblemDocument} for status in (400, 401, 413, 422, 429, 503)},
    },
)
async def post_batch(service: OfApp, batch: BrowserBatch, customer_id: Customer) -> JSONResponse:
    """Pass on what a visitor looked at, who agreed to it.

    400 when an event was bad: `errors` names each by its place in the batch; all others were taken.
    """
    good, bad = sort_out(batch)
    forwarded = await service.relay.forward(good, customer_id, batch.sent_at)
    refused = sorted([*bad, *forwarded.bad], key=lambda event: event.index)
    if not refused:
        answer: dict[str, Any] = {"success": True}
        return JSONResponse(answer)
    return problems.response(
        400,
        "bad-events",
        f"{len(refused)} of {len(batch.batch)} events can't be taken; the others were. Don't send them again.",
        accepted=forwarded.accepted,
        errors=[event.model_dump() for event in refused],
    )
