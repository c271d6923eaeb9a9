"""The bot, asked one turn at a time (docs/contracts.md, "The turn")."""

import asyncio
import json
from http import HTTPStatus
from typing import Any
from uuid import UUID

import aiohttp
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
    """A client that keeps its connections. Made in the event loop that uses it."""

    def __init__(self, url: str, key: str) -> None:
        self._url = f"{url}/webhooks/turn/turns"
        # aiohttp: with a request for each turn, httpx took a third of this process's time.
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100, keepalive_timeout=60),
            headers={"Authorization": f"Bearer {key}"},
            timeout=aiohttp.ClientTimeout(total=TURN_SECONDS, connect=1.0),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def answer(self, turn: dict[str, Any], seconds: float) -> BotAnswer:
        """Put a turn to the bot; it may do so twice, with the same turn id, which the bot does once.

        Raises:
            BotFailed: when there is no usable answer within `seconds`.
        """
        try:
            async with asyncio.timeout(seconds):
                try:
                    status, body = await self._post(turn)
                except TimeoutError:  # some of aiohttp's own errors are both
                    raise
                except aiohttp.ClientError:
                    status, body = HTTPStatus.SERVICE_UNAVAILABLE, b""
                if status == HTTPStatus.SERVICE_UNAVAILABLE:
                    await asyncio.sleep(_PAUSE_BEFORE_RETRY)
                    status, body = await self._post(turn)
        except TimeoutError as error:
            raise BotFailed("bot_late", f"no answer within {seconds:.1f} s") from error
        except aiohttp.ClientError as error:
            raise BotFailed("bot_unavailable", f"{type(error).__name__}: {error}") from error
        if status != HTTPStatus.OK:
            raise BotFailed("bot_unavailable", f"status {status}")
        try:
            content = storable(json.loads(body, parse_constant=lambda _name: None))
            answer = BotAnswer.model_validate(content)
        except (ValueError, ValidationError) as error:
            raise BotFailed("bot_unavailable", f"unreadable answer: {type(error).__name__}") from error
        if str(answer.turn_id) != turn["turn_id"]:
            raise BotFailed("bot_unavailable", "the answer is for another turn")
        return answer

    async def _post(self, turn: dict[str, Any]) -> tuple[int, bytes]:
        async with self._client.post(self._url, json=turn, allow_redirects=False) as response:
            return response.status, await response.read()

    async def close(self) -> None:
        await self._client.close()
