"""Changes of owner that agents make: take over, hand back, close."""

from uuid import UUID

from common.problems import Problem
from web.agents.schemas import CloseOutcome
from web.agents.staff import Account
from web.chat.events import RESUME
from web.chat.ownership import Change, ChangeRefused, Owner
from web.chat.records import AgentAct, Conversation, EpochPassed
from web.chat.service import Service, change_owner

#: What the profile service keeps of a conversation by how an agent closed it.
_INTERACTION_OUTCOMES: dict[CloseOutcome, str] = {
    "resolved": "resolved",
    "answered": "answered",
    "open": "open",
    "no_reply": "answered",
    "abuse": "answered",
}


async def take(service: Service, account: Account, conversation_id: UUID, epoch: int) -> None:
    """Take a conversation as it stood at `epoch`. To take what one has already is no fault.

    Raises:
        ConversationUnknown
        Problem: 409 when a colleague has it, when it is closed, or when something else has changed.
    """
    act = AgentAct(account.staff_id, account.name, epoch)
    try:
        await change_owner(service, conversation_id, Change.TAKE, act, agent=account.display_name)
    except (EpochPassed, ChangeRefused):
        found = await service.records.read(conversation_id)
        if found.ownership.owner is Owner.AGENT and found.agent_id == account.staff_id:
            return
        raise await _conflict(service, found) from None


async def hand_back(service: Service, account: Account, conversation_id: UUID) -> None:
    """Give a conversation of one's own back to the assistant, which leaves any form and says that it is back.

    Raises:
        ConversationUnknown
        Problem: 409 when it is not one's own.
    """
    found = await own(service, account, conversation_id)
    act = AgentAct(account.staff_id, account.name, found.ownership.epoch, command=RESUME)
    await _leave(service, account, conversation_id, Change.HAND_BACK, act)


async def close(service: Service, account: Account, conversation_id: UUID, outcome: CloseOutcome) -> None:
    """End a conversation of one's own; the profile service hears how.

    Raises:
        ConversationUnknown
        Problem: 409 when it is not one's own.
    """
    found = await own(service, account, conversation_id)
    act = AgentAct(
        account.staff_id,
        account.name,
        found.ownership.epoch,
        outcome=outcome,
        interaction_outcome=_INTERACTION_OUTCOMES[outcome],
    )
    await _leave(service, account, conversation_id, Change.CLOSE, act)


async def own(service: Service, account: Account, conversation_id: UUID) -> Conversation:
    """The conversation, if this agent has it now.

    Raises:
        ConversationUnknown
        Problem: 409 when not.
    """
    found = await service.records.read(conversation_id)
    if found.ownership.owner is not Owner.AGENT or found.agent_id != account.staff_id:
        raise await not_yours(service, found)
    return found


async def not_yours(service: Service, found: Conversation) -> Problem:
    """The refusal of an act in a conversation that one does not have."""
    if found.ownership.owner is Owner.AGENT:
        by = await _owner_name(service, found)
        return Problem(409, "not-yours", f"{by} has this conversation. Ask for it to be handed back.", by=by)
    if found.ownership.owner is Owner.CLOSED:
        return Problem(409, "not-yours", "This conversation is closed.")
    return Problem(409, "not-yours", "Take this conversation over first: the assistant has it.")


async def _leave(
    service: Service, account: Account, conversation_id: UUID, change: Change, act: AgentAct
) -> None:
    try:
        await change_owner(service, conversation_id, change, act, agent=account.display_name)
    except (EpochPassed, ChangeRefused):
        # Handed back or closed from another window at the same moment.
        raise await not_yours(service, await service.records.read(conversation_id)) from None


async def _conflict(service: Service, found: Conversation) -> Problem:
    match found.ownership.owner:
        case Owner.AGENT:
            by = await _owner_name(service, found)
            return Problem(409, "owned-by-another", f"{by} has taken this conversation.", by=by)
        case Owner.CLOSED:
            return Problem(409, "conversation-closed", "This conversation is closed.")
        case _:
            return Problem(
                409,
                "epoch-passed",
                "Something has happened in this conversation since you saw it. Look again, then take it.",
                epoch=found.ownership.epoch,
            )


async def _owner_name(service: Service, found: Conversation) -> str:
    row = await service.agents.inbox.row(found.conversation_id)
    return str(row.agent_name) if row is not None and row.agent_name else "A colleague"
