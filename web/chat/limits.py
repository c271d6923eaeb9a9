"""How much one visitor may ask for. Wide in demo mode, where load tests run; tight elsewhere."""

from dataclasses import dataclass
from uuid import UUID

from common.problems import Problem
from web.chat.redis_state import RedisState


@dataclass(frozen=True)
class Limits:
    """Per minute."""

    messages_per_conversation: int
    conversations_per_address: int
    event_batches_per_address: int


TIGHT = Limits(messages_per_conversation=30, conversations_per_address=20, event_batches_per_address=120)
DEMO = Limits(messages_per_conversation=3000, conversations_per_address=6000, event_batches_per_address=6000)

_WINDOW = 60


class Gate:
    """Counts in Redis, over all web processes."""

    def __init__(self, state: RedisState, limits: Limits) -> None:
        self._state = state
        self._limits = limits

    async def message(self, conversation_id: UUID) -> None:
        """
        Raises:
            Problem: 429 with Retry-After when this conversation has sent too many messages.
        """
        await self._pass(f"message:{conversation_id}", self._limits.messages_per_conversation, "messages")

    async def conversation(self, address: str) -> None:
        """
        Raises:
            Problem: 429 with Retry-After when this address has begun too many conversations.
        """
        limit = self._limits.conversations_per_address
        await self._pass(f"conversation:{address}", limit, "new conversations")

    async def events(self, address: str) -> None:
        """
        Raises:
            Problem: 429 with Retry-After when this address has sent too many batches of events.
        """
        await self._pass(f"events:{address}", self._limits.event_batches_per_address, "batches of events")

    async def _pass(self, key: str, limit: int, what: str) -> None:
        seconds = await self._state.seconds_to_wait(key, limit, _WINDOW)
        if seconds:
            raise Problem(
                429,
                "too-many-requests",
                f"Too many {what} in a minute (limit {limit}). Try again in {seconds} s.",
                headers={"Retry-After": str(seconds)},
            )
