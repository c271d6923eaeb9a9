"""The life of a turn in the durable record: claimed, then finished, skipped or found orphaned."""

import time
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from web.chat import statements
from web.chat.database import Database
from web.chat.events import Claim, Event, Turn
from web.chat.ownership import Owner, Ownership
from web.chat.records import Outcome
from web.chat.tables import events, turns

#: A turn found this much later is not put to the bot any more: its customer is told so. Seconds.
TOO_OLD = 120.0

#: How long finishing a turn waits for PostgreSQL, in seconds.
FINISH_PATIENCE = 15.0


class TurnRecords:
    """Turns as one web process (`process`) works on them."""

    def __init__(self, database: Database, process: str) -> None:
        self._database = database
        self._process = process

    async def claim(self, turn_id: UUID) -> Claim | None:
        """Begin a turn; null when an earlier one of its conversation is under way, or it is already done."""
        values = {"turn_id": turn_id, "process": self._process}

        async def work(connection: AsyncConnection) -> Claim | None:
            row = (await connection.execute(statements.CLAIM_TURN, values)).one_or_none()
            if row is None:
                return None
            return Claim(Ownership(Owner(row.owner), row.epoch), row.customer_id)

        return await self._database.run(work)

    async def status(self, turn_id: UUID) -> str | None:
        async def work(connection: AsyncConnection) -> str | None:
            found = await connection.execute(select(turns.c.status).where(turns.c.turn_id == turn_id))
            return found.scalar_one_or_none()

        return await self._database.run(work)

    async def finish(self, turn_id: UUID, epoch: int, outcome: Outcome) -> list[Event]:
        """Keep all that a turn brought, in order.

        Nothing but the turn's own record is kept if the owner has changed since `epoch`.
        """
        values = {
            "turn_id": turn_id,
            "epoch": epoch,
            "owner": outcome.ownership.owner,
            "epoch_after": outcome.ownership.epoch,
            "events": [
                {"type": event.type, "role": event.role, "payload": event.payload} for event in outcome.events
            ],
            "offers": outcome.offers,
            "status": outcome.status,
            "committed": outcome.committed,
            "failure": outcome.failure,
            "attention": outcome.attention,
            "parse": outcome.parse,
            "decision": outcome.decision,
            "replies": outcome.replies,
            "models": outcome.models,
            "milliseconds": outcome.milliseconds,
            "interaction": outcome.interaction,
            **asdict(outcome.listed),
        }

        async def work(connection: AsyncConnection) -> list[tuple[int, datetime]]:
            found = await connection.execute(statements.FINISH_TURN, values)
            return [(row.seq, row.at) for row in found]

        places = await self._database.run(work, patience=FINISH_PATIENCE)
        return [
            Event(seq, event.type, event.role, event.payload, at, turn_id=turn_id)
            for event, (seq, at) in zip(outcome.events, places, strict=False)
        ]

    async def skip(self, turn_id: UUID, why: str) -> None:
        """End a turn without an answer: somebody else answers."""

        async def work(connection: AsyncConnection) -> None:
            await connection.execute(statements.SKIP_TURN, {"turn_id": turn_id, "failure": why})

        await self._database.run(work)

    async def replies(self, turn_id: UUID) -> list[Event]:
        """What was said to the customer in a turn, in order."""
        chosen = (
            select(events)
            .where(events.c.turn_id == turn_id, events.c.type == "message", events.c.role != "customer")
            .order_by(events.c.seq)
        )

        async def work(connection: AsyncConnection) -> list[Event]:
            return [
                Event(row.seq, row.type, row.role, row.payload, row.created_at, row.client_id, row.turn_id)
                for row in await connection.execute(chosen)
            ]

        return await self._database.run(work)

    async def orphans(self, alive: list[str] | None) -> list[tuple[Turn, bool]]:
        """Turns that nobody works on any more, each with whether it is too old to be put to the bot.

        `alive` are the web processes that run now; null when that can't be known.
        """
        values = {
            "process": self._process,
            "alive": alive or [],
            "alive_known": alive is not None,
            "too_old": TOO_OLD,
        }

        async def work(connection: AsyncConnection) -> list[tuple[Turn, bool]]:
            found = await connection.execute(statements.ORPHANED_TURNS, values)
            now = time.monotonic()
            return [
                (
                    Turn(row.turn_id, row.conversation_id, row.seq, row.text or "", row.command, now),
                    row.too_old,
                )
                for row in found
            ]

        return await self._database.run(work)

    async def explain(self, conversation_id: UUID, seq: int) -> dict[str, Any] | None:
        """The whole record of the turn to which the event `seq` belongs, with the customer's text."""
        chosen = (
            select(turns, events.c.role.label("event_role"))
            .join(events, events.c.turn_id == turns.c.turn_id)
            .where(events.c.conversation_id == conversation_id, events.c.seq == seq)
        )

        async def work(connection: AsyncConnection) -> dict[str, Any] | None:
            row = (await connection.execute(chosen)).one_or_none()
            return dict(row._mapping) if row is not None else None

        return await self._database.run(work)
