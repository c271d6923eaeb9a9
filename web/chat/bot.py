"""The bot, asked one turn at a time (docs/contracts.md, "The turn")."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
from pydantic import BaseModel, Field, ValidationError

from web.chat.texts import storable

#: One turn may take this long in all, in seconds.
TURN_SECONDS = 5.0
_PAUSE_BEFORE_RETRY = 0.15


class Command(BaseModel):
    """What is meant, said without understanding any text."""

    intent: str
    entities: list[dict[str, Any]] = []


class OfferedReply(BaseModel):
    title: str
    command: Command


class BotReply(BaseModel):
    """One message of the bot."""

    text: str | None = None
    quick_replies: list[OfferedReply] = []
    cards: list[dict[str, Any]] = []
    reply: str | None = None
    variant: str | None = None


class BotAnswer(BaseModel):
    """What the bot made of a turn."""

    turn_id: UUID
    committed: bool
    replies: list[BotReply] = []
    parse: dict[str, Any] = {}
    decision: dict[str, Any] = {}
    models: dict[str, Any] = {}
    milliseconds: dict[str, float] = Field(default_factory=dict)


class BotFailed(Exception):
    """No answer: `kind` is `bot_late`, or `bot_unavailable` when it can't be reached or answered wrongly."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Bot:
    """A client that keeps its connections."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {key}"},
            timeout=httpx.Timeout(TURN_SECONDS, connect=1.0),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=50, keepalive_expiry=60),
            trust_env=False,
        )

    async def answer(self, turn: dict[str, Any], seconds: float) -> BotAnswer:
        """Put a turn to the bot; it may do so twice, with the same turn id, which the bot does once.

        Raises:
            BotFailed: when there is no usable answer within `seconds`.
        """
        try:
            async with asyncio.timeout(seconds):
                try:
                    response = await self._post(turn)
                except (httpx.NetworkError, httpx.RemoteProtocolError):
                    response = None
                if response is None or response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    await asyncio.sleep(_PAUSE_BEFORE_RETRY)
                    response = await self._post(turn)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise BotFailed("bot_late", f"no answer within {seconds:.1f} s") from error
        except httpx.HTTPError as error:
            raise BotFailed("bot_unavailable", f"{type(error).__name__}: {error}") from error
        if response.status_code != httpx.codes.OK:
            raise BotFailed("bot_unavailable", f"status {response.status_code}")
        try:
            content = storable(json.loads(response.content, parse_constant=lambda _name: None))
            answer = BotAnswer.model_validate(content)
        except (ValueError, ValidationError) as error:
            raise BotFailed("bot_unavailable", f"unreadable answer: {type(error).__name__}") from error
        if str(answer.turn_id) != turn["turn_id"]:
            raise BotFailed("bot_unavailable", "the answer is for another turn")
        return answer

    async def _post(self, turn: dict[str, Any]) -> httpx.Response:
        return await self._client.post("/webhooks/turn/turns", json=turn)

    async def close(self) -> None:
        await self._client.aclose()
