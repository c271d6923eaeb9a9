"""What the profile service must hear of, sent in the background until it has heard it."""

import asyncio
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row, func, update
from sqlalchemy.ext.asyncio import AsyncConnection

from common.logs import get_logger
from profiles.client import Interaction, ProfilesClient, ProfilesUnavailable, UnknownCustomer
from web.chat import statements
from web.chat.database import Database, DatabaseUnavailable
from web.chat.tables import outbox

log = get_logger(__name__)

_ROUND_SECONDS = 1.0
_LONGEST_PAUSE = 300


class Outbox:
    """Sends interactions to the profile service, each until it is taken or refused for good."""

    def __init__(self, database: Database, profiles: ProfilesClient) -> None:
        self._database = database
        self._profiles = profiles

    async def send_all(self) -> None:
        """Background task: round after round, whatever happens to either side."""
        while True:
            try:
                while await self.send_due():
                    pass
            except DatabaseUnavailable:
                pass  # Said in the log already.
            except Exception as error:
                log.error("interactions not sent", error=error, exc_info=error)
            await asyncio.sleep(_ROUND_SECONDS)

    async def send_due(self) -> int:
        """Send what is due now; how many entries were tried."""

        async def take(connection: AsyncConnection) -> list[Row[Any]]:
            return list(await connection.execute(statements.TAKE_FROM_OUTBOX))

        entries = await self._database.run(take)
        for entry in entries:
            await self._send(entry)
        return len(entries)

    async def _send(self, entry: Row[Any]) -> None:
        try:
            await self._profiles.record_interaction(Interaction.model_validate(entry.payload))
        except ProfilesUnavailable as error:
            await self._postpone(entry, str(error))
        except (UnknownCustomer, ValidationError) as error:
            kind = type(error).__name__
            log.error("interaction refused for good", reason=kind, interaction_id=str(entry.conversation_id))
            await self._set(entry, refused=kind)
        else:
            # It stays, to compare the next state with; a newer one that has come meanwhile is sent as well.
            await self._set(entry, next_attempt_at="infinity")

    async def _postpone(self, entry: Row[Any], reason: str) -> None:
        pause = min(2 ** min(entry.attempts, 10), _LONGEST_PAUSE)
        log.warning("interaction not taken yet", reason=reason, attempts=entry.attempts, again_in=pause)
        await self._set(entry, next_attempt_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, pause))

    async def _set(self, entry: Row[Any], **values: Any) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(update(outbox).where(*_same(entry)).values(**values))

        await self._database.run(work)


def _same(entry: Row[Any]) -> tuple[Any, ...]:
    return (outbox.c.conversation_id == entry.conversation_id, outbox.c.revision == entry.revision)
