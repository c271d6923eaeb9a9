"""The HTTP API of conversations."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse

from common.auth import bearer
from common.problems import Problem
from web.chat import explain, texts
from web.chat.customers import is_known
from web.chat.ownership import Owner
from web.chat.records import ConversationClosed, QuickReplyUnknown, Stored
from web.chat.schemas import (
    ConversationOpened,
    ConversationState,
    Events,
    NewConversation,
    NewMessage,
    Posted,
    ProblemDocument,
)
from web.chat.service import Service, service_of

#: How long `?wait=true` waits for the replies, in seconds.
WAIT_SECONDS = 8.0
_PAGE = 500
_OPENING = {"intent": "open_conversation", "entities": []}
_ANYBODY = NewConversation()


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": ProblemDocument} for status in statuses}


router = APIRouter(tags=["conversations"])


async def _service(request: Request) -> Service:
    """Not a plain function, for the framework calls those in a thread, which costs more than most routes."""
    return service_of(request)


OfApp = Annotated[Service, Depends(_service)]


async def authorised(conversation_id: UUID, request: Request, service: OfApp) -> UUID:
    """The conversation of the path, if the bearer token opens it."""
    service.tokens.check(bearer(request), conversation_id)
    return conversation_id


Conversation = Annotated[UUID, Depends(authorised)]


@router.get("/health", tags=["health"], responses={503: {"description": "Something is not ready."}})
async def read_health(service: OfApp) -> JSONResponse:
    """The state of each service; 200 once all are ready."""
    report = await service.health.report()
    return JSONResponse(report, status_code=200 if report["status"] == "ready" else 503)


@router.post("/api/conversations", status_code=201, responses=_problems(403, 404, 429, 503))
async def open_conversation(
    request: Request, service: OfApp, new: NewConversation = _ANYBODY
) -> ConversationOpened:
    """Begin a conversation. The bot's greeting comes as the first event."""
    await service.gate.conversation(request.client.host if request.client else "unknown")
    if new.customer_id is not None:
        if not service.settings.demo:
            raise Problem(
                403, "identity-not-proven", "Outside demo mode a customer can't be named without proof."
            )
        if not await is_known(service.profiles, new.customer_id):
            raise Problem(
                404,
                "unknown-customer",
                "There is no customer with this id. Leave customer_id out to chat anonymously.",
            )
    turn = await service.records.create(new.customer_id, _OPENING)
    service.turns.submit(turn)
    token = service.tokens.issue(turn.conversation_id)
    return ConversationOpened(
        conversation_id=turn.conversation_id,
        token=token.value,
        expires_at=datetime.fromtimestamp(token.expires_at, UTC),
        owner=Owner.BOT,
    )


@router.get("/api/conversations/{conversation_id}", responses=_problems(401, 403, 404))
async def read_conversation(conversation_id: Conversation, service: OfApp) -> ConversationState:
    """Who owns the conversation, and how far it has come."""
    found = await service.records.read(conversation_id)
    return ConversationState(
        conversation_id=found.conversation_id,
        customer_id=found.customer_id,
        owner=found.ownership.owner,
        state="closed" if found.ownership.owner is Owner.CLOSED else "open",
        epoch=found.ownership.epoch,
        last_seq=found.last_seq,
        attention=found.attention,
        created_at=found.created_at,
        updated_at=found.updated_at,
    )


@router.post(
    "/api/conversations/{conversation_id}/messages",
    response_model=Posted,
    response_model_exclude_none=True,
    responses={202: {"model": Posted}, **_problems(401, 403, 404, 409, 413, 422, 429, 503)},
)
async def post_message(
    conversation_id: Conversation, message: NewMessage, service: OfApp, wait: bool = False
) -> JSONResponse:
    """Keep a customer's message and have it answered.

    202 as soon as it is kept; with `?wait=true` 200 with the replies (or 202 if they take too long: they
    then come as events).
    """
    await service.gate.message(conversation_id)
    client_id = message.client_id or str(uuid4())
    stored = await _store(service, conversation_id, message, client_id)
    if stored.is_new:
        service.hub.publish(conversation_id, [stored.event])
        if stored.turn:
            service.turns.submit(stored.turn)
    answer: dict[str, Any] = {"seq": stored.event.seq, "client_id": client_id, "replies": []}
    if stored.turn is None:
        return JSONResponse({**answer, "status": "with_agent"}, status_code=200 if wait else 202)
    if wait:
        replies = await service.turns.replies(stored.turn.turn_id, WAIT_SECONDS)
        if replies is not None:
            answer["replies"] = [event.public() for event in replies]
            return JSONResponse({**answer, "status": "answered"})
    return JSONResponse({**answer, "status": "pending"}, status_code=202)


async def _store(service: Service, conversation_id: UUID, message: NewMessage, client_id: str) -> Stored:
    command = None
    if message.quick_reply is not None:
        try:
            text, command = await service.records.quick_reply(conversation_id, message.quick_reply)
        except QuickReplyUnknown:
            raise Problem(
                422, "unknown-quick-reply", "This conversation has no such button. Write a message instead."
            ) from None
    else:
        text = texts.clean(message.text or "")
    try:
        return await service.records.store_message(conversation_id, client_id, {"text": text}, command)
    except ConversationClosed:
        raise Problem(
            409, "conversation-closed", "This conversation is closed. Start a new one to write to us."
        ) from None


@router.get(
    "/api/conversations/{conversation_id}/events",
    response_model=Events,
    response_model_exclude_none=True,
    responses=_problems(401, 403, 404),
)
async def read_events(
    conversation_id: Conversation,
    service: OfApp,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> JSONResponse:
    """What happened after the event `after`, in order."""
    found = await service.records.events_after(conversation_id, after, _PAGE + 1)
    return JSONResponse({"events": [event.public() for event in found[:_PAGE]], "more": len(found) > _PAGE})


@router.get(
    "/api/conversations/{conversation_id}/turns/{seq}/why",
    responses={
        200: {"content": {"application/json": {"example": explain.EXAMPLE}}},
        **_problems(401, 403, 404),
    },
)
async def read_why(
    conversation_id: Conversation,
    service: OfApp,
    seq: Annotated[int, Path(ge=1, le=2**31 - 1, description="of the message or of any of its replies")],
) -> dict[str, Any]:
    """Why this reply: understanding, what was read with which consent, conditions, models, time."""
    if not service.settings.demo:
        raise Problem(403, "not-for-customers", "This is for agents and trainers.")
    turn = await service.turn_records.explain(conversation_id, seq)
    if turn is None:
        raise Problem(404, "no-turn-here", f"Event {seq} of this conversation belongs to no turn of the bot.")
    return explain.why(turn)
