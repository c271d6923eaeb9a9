"""Reading and writing the durable record of conversations."""

import secrets
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from web.chat import statements
from web.chat.database import Database
from web.chat.events import Claim, Event, NewEvent, Turn
from web.chat.ownership import Change, Owner, Ownership
from web.chat.tables import conversations, events, quick_replies


class ConversationUnknown(Exception):
    """There is no such conversation."""


class ConversationClosed(Exception):
    """An agent has closed the conversation: nothing can be added."""


class QuickReplyUnknown(Exception):
    """This conversation never offered that quick reply."""


@dataclass(frozen=True)
class Conversation:
    """A conversation as it stands. `agent_id`: whose it is, or was when it was closed."""

    conversation_id: UUID
    customer_id: str | None
    ownership: Ownership
    agent_id: UUID | None
    last_seq: int
    attention: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Stored:
    """A customer's message in the record. `turn` is null when an agent, not the bot, will answer."""

    event: Event
    turn: Turn | None
    is_new: bool


@dataclass(frozen=True)
class Listed:
    """What a turn changes in the agents' list. Null: nothing new is known of it.

    `segment` counts only with `segment_known`, for it may have to be forgotten.
    """

    mood: str | None = None
    intent: str | None = None
    customer_name: str | None = None
    segment: str | None = None
    segment_known: bool = False


@dataclass(frozen=True)
class AgentAct:
    """What an agent's change of owner brings with it.

    `epoch`: change nothing if this is not the conversation's epoch any more. `command`: a turn for the bot.
    `interaction_outcome`: what the profile service hears.
    """

    staff_id: UUID
    who: str
    epoch: int
    command: dict[str, Any] | None = None
    outcome: str | None = None
    interaction_outcome: str | None = None


class EpochPassed(Exception):
    """The owner changed after the epoch under which something was to be done."""


@dataclass(frozen=True)
class Outcome:
    """How a turn ended, and everything to be kept of it."""

    status: str
    events: list[NewEvent]
    ownership: Ownership
    offers: list[dict[str, Any]]
    committed: bool
    failure: str | None = None
    attention: str | None = None
    parse: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None
    #: Which reply and variant each bot message came from.
    replies: list[dict[str, Any]] | None = None
    models: dict[str, Any] | None = None
    milliseconds: dict[str, float] | None = None
    interaction: dict[str, Any] | None = None
    listed: Listed = Listed()


class Records:
    """The record as one web process sees it; `process` marks the turns that it works on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.process = secrets.token_hex(8)

    async def create(self, customer_id: str | None, opening: dict[str, Any]) -> Turn:
        """A new conversation and its opening turn, for which the bot gets the command `opening`."""
        claim = Claim(Ownership(Owner.BOT, 1), customer_id)
        turn = Turn(uuid4(), uuid4(), 0, "", opening, time.monotonic(), claim)
        values = {
            "id": turn.conversation_id,
            "customer_id": customer_id,
            "turn_id": turn.turn_id,
            "command": opening,
            "process": self.process,
        }

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statements.CREATE_CONVERSATION, values)

        await self._database.run(work)
        return turn

    async def read(self, conversation_id: UUID) -> Conversation:
        """
        Raises:
            ConversationUnknown: when it does not exist.
        """

        async def work(connection: AsyncConnection) -> Row[Any] | None:
            found = await connection.execute(
                select(conversations).where(conversations.c.id == conversation_id)
            )
            return found.one_or_none()

        row = await self._database.run(work)
        if row is None:
            raise ConversationUnknown
        ownership = Ownership(Owner(row.owner), row.epoch)
        return Conversation(
            conversation_id=row.id,
            customer_id=row.customer_id,
            ownership=ownership,
            agent_id=row.agent_id,
            last_seq=row.last_seq,
            attention=row.attention,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    async def events_after(self, conversation_id: UUID, after: int, limit: int) -> list[Event]:
        """Up to `limit` events with a sequence number above `after`, in order."""
        chosen = (
            select(events)
            .where(events.c.conversation_id == conversation_id, events.c.seq > after)
            .order_by(events.c.seq)
            .limit(limit)
        )

        async def work(connection: AsyncConnection) -> list[Event]:
            return [_event(row) for row in await connection.execute(chosen)]

        return await self._database.run(work)

    async def store_message(
        self, conversation_id: UUID, client_id: str, payload: dict[str, Any], command: dict[str, Any] | None
    ) -> Stored:
        """Keep a customer's message; with a `client_id` that was used before, find that message.

        Raises:
            ConversationUnknown, ConversationClosed
        """
        turn = Turn(uuid4(), conversation_id, 0, payload["text"], command, time.monotonic())
        values = {
            "id": conversation_id,
            "client_id": client_id,
            "payload": payload,
            "command": command,
            "turn_id": turn.turn_id,
            "process": self.process,
        }

        async def work(connection: AsyncConnection) -> Stored:
            try:
                row = (await connection.execute(statements.STORE_MESSAGE, values)).one_or_none()
            except IntegrityError:
                row = None
            if row is None:
                return await _stored_before(connection, conversation_id, client_id)
            answered = row.owner in (Owner.BOT, Owner.QUEUED)
            event = Event(
                row.seq,
                "message",
                "customer",
                payload,
                row.at,
                client_id,
                turn.turn_id if answered else None,
            )
            claim = Claim(Ownership(Owner(row.owner), row.epoch), row.customer_id) if row.is_claimed else None
            placed = replace(turn, seq=row.seq, claim=claim)
            return Stored(event, placed if answered else None, is_new=True)

        return await self._database.run(work)

    async def quick_reply(self, conversation_id: UUID, quick_reply_id: str) -> tuple[str, dict[str, Any]]:
        """Title and command of a quick reply that this conversation offered.

        Raises:
            QuickReplyUnknown: when it was not offered here.
        """
        chosen = select(quick_replies.c.title, quick_replies.c.command).where(
            quick_replies.c.id == quick_reply_id, quick_replies.c.conversation_id == conversation_id
        )

        async def work(connection: AsyncConnection) -> tuple[str, dict[str, Any]]:
            row = (await connection.execute(chosen)).one_or_none()
            if row is None:
                raise QuickReplyUnknown
            return row.title, row.command

        return await self._database.run(work)

    async def change_owner(
        self, conversation_id: UUID, change: Change, details: dict[str, Any], act: AgentAct | None = None
    ) -> tuple[Ownership, Event, Turn | None]:
        """Move the conversation to another owner: for an agent if it still stands as they saw it, else anyhow.

        With a command in `act` there is a turn for the bot as well, to be submitted.

        Raises:
            ConversationUnknown, ChangeRefused
            EpochPassed: only with `act`.
        """
        turn_id = uuid4() if act and act.command else None
        while True:
            before = (await self.read(conversation_id)).ownership
            if act and act.epoch != before.epoch:
                raise EpochPassed
            after = before.after(change)
            payload = {**details, "owner": after.owner.value, "epoch": after.epoch}
            values = {
                "id": conversation_id,
                "owner": after.owner,
                "epoch": before.epoch,
                "payload": payload,
                "turn_id": turn_id,
                "process": self.process,
                "action": change.value,
                "command": act.command if act else None,
                "staff_id": act.staff_id if act else None,
                "who": act.who if act else None,
                "outcome": act.outcome if act else None,
                "interaction_outcome": act.interaction_outcome if act else None,
            }

            async def work(connection: AsyncConnection, values: dict[str, Any] = values) -> Row[Any] | None:
                return (await connection.execute(statements.CHANGE_OWNER, values)).one_or_none()

            row = await self._database.run(work)
            if row is not None:
                event = Event(row.seq, "owner", "system", payload, row.at, turn_id=turn_id)
                turn = None
                if turn_id and act:
                    turn = Turn(turn_id, conversation_id, row.seq, "", act.command, time.monotonic())
                return after, event, turn


def _event(row: Row[Any]) -> Event:
    return Event(row.seq, row.type, row.role, row.payload, row.created_at, row.client_id, row.turn_id)


async def _stored_before(connection: AsyncConnection, conversation_id: UUID, client_id: str) -> Stored:
    found = await connection.execute(
        select(events).where(events.c.conversation_id == conversation_id, events.c.client_id == client_id)
    )
    row = found.one_or_none()
    if row is None:
        known = await connection.execute(
            select(conversations.c.id).where(conversations.c.id == conversation_id)
        )
        raise ConversationUnknown if known.one_or_none() is None else ConversationClosed
    event = _event(row)
    turn = None
    if event.turn_id:
        turn = Turn(event.turn_id, conversation_id, event.seq, event.payload["text"], None, time.monotonic())
    return Stored(event, turn, is_new=False)
