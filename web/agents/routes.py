"""The HTTP API of agents (docs/contracts.md, Agents)."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from common.auth import bearer
from common.problems import Problem
from web.agents import acts
from web.agents.access import Agent, SignedIn, sign_in
from web.agents.audit import Action, Entry
from web.agents.inbox import CursorUnreadable, Filters
from web.agents.schemas import (
    AgentMessage,
    Close,
    ConversationDetail,
    ConversationList,
    CustomerPanel,
    ListQuery,
    Mark,
    Me,
    NewMark,
    NewNote,
    Note,
    Reason,
    Session,
    SignIn,
    Take,
    TranscriptEvent,
)
from web.agents.staff import Account
from web.agents.view import detail
from web.agents.writing import NotYours
from web.chat import texts
from web.chat.routes import OfApp
from web.chat.schemas import ProblemDocument
from web.chat.service import Service

_PREFIX = "/api/agent"
_OF = f"{_PREFIX}/conversations/{{conversation_id}}"


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": ProblemDocument} for status in (401, 403, *statuses)}


router = APIRouter(tags=["agents"])


@router.post(f"{_PREFIX}/sessions", status_code=201, responses=_problems(429))
async def begin_session(request: Request, service: OfApp, who: SignIn) -> Session:
    """Sign in."""
    address = request.client.host if request.client else "unknown"
    return await sign_in(service, who.name, who.password, address)


@router.delete(f"{_PREFIX}/sessions/current", status_code=204, responses=_problems())
async def end_session(request: Request, session: SignedIn, service: OfApp) -> Response:
    """Sign out: the token opens nothing any more."""
    account, _ = session
    await service.agents.staff.end_session(bearer(request))
    await service.agents.audit.write(Entry(account.name, Action.SIGN_OUT, account.staff_id))
    return Response(status_code=204)


@router.get(f"{_PREFIX}/me", responses=_problems())
async def read_me(session: SignedIn) -> Me:
    account, expires_at = session
    return Me(staff=account.public(), expires_at=expires_at)


@router.get(f"{_PREFIX}/conversations", responses=_problems(422))
async def list_conversations(
    agent: Agent, service: OfApp, asked: Annotated[ListQuery, Query()]
) -> ConversationList:
    """Who waits first, the angry before the calm, then who has waited longest, then what is newest."""
    filters = Filters(
        owner=asked.owner,
        mood=asked.mood,
        segment=asked.segment,
        intent=asked.intent,
        text=texts.storable(asked.text).strip() or None if asked.text else None,
        agent_id=agent.staff_id if asked.mine else None,
    )
    try:
        return await service.agents.inbox.page(filters, asked.cursor, asked.limit)
    except CursorUnreadable:
        raise Problem(
            422, "unknown-cursor", "This cursor was not given out here. Begin at the top."
        ) from None


@router.get(_OF, responses=_problems(404))
async def read_conversation(
    conversation_id: UUID, agent: Agent, service: OfApp, reason: Annotated[Reason | None, Query()] = None
) -> ConversationDetail:
    """A whole conversation. That it was read is in the audit log: once while the look goes on."""
    found = await service.records.read(conversation_id)
    why = reason or f"conversation {conversation_id}"
    await service.agents.audit.look(
        Entry(
            agent.name, Action.READ_TRANSCRIPT, agent.staff_id, conversation_id, found.customer_id, reason=why
        )
    )
    return await detail(service, conversation_id)


@router.get(f"{_OF}/customer", responses=_problems(404))
async def read_customer(
    conversation_id: UUID, agent: Agent, service: OfApp, reason: Annotated[Reason | None, Query()] = None
) -> CustomerPanel:
    """The customer of a conversation. Looks are in the audit logs, here and at the profile service."""
    found = await service.records.read(conversation_id)
    if found.customer_id is None:
        raise Problem(404, "anonymous", "This visitor has not said who they are.")
    why = reason or f"conversation {conversation_id}"
    await service.agents.audit.look(
        Entry(
            agent.name, Action.READ_CUSTOMER, agent.staff_id, conversation_id, found.customer_id, reason=why
        )
    )
    return await service.agents.customers.panel(found.customer_id, str(agent.staff_id), why)


@router.post(f"{_OF}/take", responses=_problems(404, 409))
async def take(conversation_id: UUID, asked: Take, agent: Agent, service: OfApp) -> ConversationDetail:
    """Take the conversation over: from now on the assistant is silent in it."""
    await acts.take(service, agent, conversation_id, asked.epoch)
    return await detail(service, conversation_id)


@router.post(f"{_OF}/messages", status_code=201, responses=_problems(404, 409, 413, 422))
async def post_message(
    conversation_id: UUID, message: AgentMessage, agent: Agent, service: OfApp
) -> TranscriptEvent:
    """Answer the customer."""
    text = texts.clean(message.text)
    try:
        event, is_new = await service.agents.writing.reply(
            conversation_id, agent, text, texts.storable(message.client_id)
        )
    except NotYours:
        found = await service.records.read(conversation_id)
        raise await acts.not_yours(service, found) from None
    if is_new:
        service.hub.publish(conversation_id, [event])
    return TranscriptEvent(
        seq=event.seq,
        type="message",
        role="agent",
        text=event.payload["text"],
        at=event.at,
        agent_name=event.payload["agent"],
    )


@router.post(f"{_OF}/notes", status_code=201, responses=_problems(404, 413, 422))
async def post_note(conversation_id: UUID, note: NewNote, agent: Agent, service: OfApp) -> Note:
    """Leave a note for colleagues."""
    text = texts.clean(note.text)
    note_id, at = await service.agents.writing.note(conversation_id, agent, text)
    service.hub.touch(conversation_id)
    return Note(note_id=note_id, author=agent.display_name, text=text, at=at)


@router.post(f"{_OF}/hand-back", responses=_problems(404, 409))
async def hand_back(conversation_id: UUID, agent: Agent, service: OfApp) -> ConversationDetail:
    """Give the conversation back to the assistant."""
    await acts.hand_back(service, agent, conversation_id)
    return await detail(service, conversation_id)


@router.post(f"{_OF}/close", responses=_problems(404, 409, 413, 422))
async def close(conversation_id: UUID, asked: Close, agent: Agent, service: OfApp) -> ConversationDetail:
    """End the conversation."""
    note = texts.clean(asked.note) if asked.note and asked.note.strip() else None
    await acts.own(service, agent, conversation_id)
    if note:
        await service.agents.writing.note(conversation_id, agent, note)
    await acts.close(service, agent, conversation_id, asked.outcome)
    return await detail(service, conversation_id)


@router.post(f"{_OF}/marks", status_code=201, responses=_problems(404, 422))
async def mark(conversation_id: UUID, asked: NewMark, agent: Agent, service: OfApp) -> Mark:
    """Say that a message was misread, for trainers."""
    seq = await _message(service, conversation_id, asked.seq)
    comment = texts.clean(asked.comment) if asked.comment and asked.comment.strip() else None
    intent = texts.storable(asked.intent) or None
    await service.agents.transcripts.mark(conversation_id, seq, agent.staff_id, intent, comment)
    await _note_mark(service, agent, conversation_id, Action.MARK, seq)
    return Mark(intent=intent, comment=comment, by=agent.display_name, at=datetime.now(UTC))


@router.delete(f"{_OF}/marks/{{seq}}", status_code=204, responses=_problems(404))
async def unmark(
    conversation_id: UUID, seq: Annotated[int, Path(ge=1, le=2**31 - 1)], agent: Agent, service: OfApp
) -> Response:
    """Take a mark away."""
    message = await _message(service, conversation_id, seq)
    if not await service.agents.transcripts.unmark(conversation_id, message):
        raise Problem(404, "no-mark-here", f"Message {message} is not marked.")
    await _note_mark(service, agent, conversation_id, Action.UNMARK, message)
    return Response(status_code=204)


async def _message(service: Service, conversation_id: UUID, seq: int) -> int:
    await service.records.read(conversation_id)
    found = await service.agents.transcripts.turn_seq(conversation_id, seq)
    if found is None:
        raise Problem(
            404, "no-message-here", f"Event {seq} is neither a customer's written message nor a reply to one."
        )
    return found


async def _note_mark(
    service: Service, account: Account, conversation_id: UUID, action: Action, seq: int
) -> None:
    entry = Entry(account.name, action, account.staff_id, conversation_id, reason=f"message {seq}")
    await service.agents.audit.write(entry)
    service.hub.touch(conversation_id)
