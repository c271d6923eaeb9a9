"""The input channel `turn`: web posts one turn and gets back all that the bot says and why."""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from redis.exceptions import RedisError
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot import turn as turns
from bot.problems import Problem
from bot.turn_request import Command, TurnRequest, read

logger = logging.getLogger(__name__)


class TurnChannel(InputChannel):
    """Takes turns at `/webhooks/turn/turns`.

    Args:
        key: the bearer key of every request.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        # One thread: understanding takes milliseconds of computing, which would hold up the event loop.
        self._thinking = ThreadPoolExecutor(1, "understanding")

    @classmethod
    def name(cls) -> str:
        return "turn"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "TurnChannel":
        """The channel as `credentials.yml` sets it.

        Raises:
            RasaException: no key is set.
        """
        key = (credentials or {}).get("key")
        if not key:
            cls.raise_missing_credentials_exception()
        return cls(key)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The route of the channel.

        `on_new_message` is left aside: it takes the lock itself, but whether a turn is repeated has to be
        asked, and its parse to be made, when its conversation's earlier turns are over.
        """
        routes = Blueprint("turn")

        @routes.post("/turns")
        async def take(request: Request) -> HTTPResponse:
            self._check_key(request)
            turn_request = read(request.json)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None:
                raise Problem(503, "starting", "The bot is still loading its model.")
            return json(await self._answer(agent, turn_request))

        return routes

    def _check_key(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(key.strip().encode(), self._key.encode()):
            raise Problem(401, "wrong-key", "Send the bot's key as 'Authorization: Bearer KEY'.")

    async def _answer(self, agent: Any, request: TurnRequest) -> dict[str, Any]:
        if request.command and request.command.intent not in agent.domain.intents:
            raise Problem(422, "unknown-intent", f"/command/intent: no intent '{request.command.intent}'")
        turn = turns.Turn(request.turn_id, request.conversation_id, models=agent.models)
        try:
            with turns.under_way(turn):
                async with asyncio.timeout(turns.TURN_SECONDS):
                    return await self._run(agent, request, turn)
        except TimeoutError:
            logger.error("turn %s took longer than %s s", turn.turn_id, turns.TURN_SECONDS)
            raise Problem(503, "too-slow", "The bot did not finish the turn in time.") from None
        except (LockError, RedisError, OSError) as error:
            logger.error("turn %s not begun: %s", turn.turn_id, type(error).__name__)
            raise Problem(503, "no-storage", "The bot can't reach its storage.") from error
        except Exception as error:
            logger.exception("turn %s failed", turn.turn_id)
            raise Problem(503, "turn-failed", "The bot could not run this turn.") from error

    async def _run(self, agent: Any, request: TurnRequest, turn: turns.Turn) -> dict[str, Any]:
        async with agent.lock_store.lock(request.conversation_id):
            turn.note("wait")
            kept = await agent.store.kept_answer(request.conversation_id, request.turn_id)
            if kept is not None:
                return {**kept, "repeated": True}
            text = (request.text or "").strip()
            with turns.measured("understand"):
                turn.parse = (
                    _parse_of(request.command, text)
                    if request.command
                    else await self._understand(agent, text, request.metadata)
                )
            await agent.take_turn(
                UserMessage(
                    text or None,
                    TurnOutput(turn),
                    request.conversation_id,
                    parse_data=turn.parse,
                    input_channel=self.name(),
                    message_id=request.turn_id,
                    metadata=request.metadata,
                )
            )
            return turn.answer(turn.committed)

    async def _understand(self, agent: Any, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        return await asyncio.get_running_loop().run_in_executor(
            self._thinking, copy_context().run, agent.processor.understand, text, metadata
        )


class TurnOutput(OutputChannel):
    """Collects the messages of a turn whole; Rasa's own would split them into texts, buttons and JSON."""

    def __init__(self, turn: turns.Turn) -> None:
        self._turn = turn

    @classmethod
    def name(cls) -> str:
        return TurnChannel.name()

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self._turn.add(message)


def _parse_of(command: Command, text: str) -> dict[str, Any]:
    """Parse data of a command: it is certain, and says nothing about the mood."""
    intent = {"name": command.intent, "confidence": 1.0}
    return {
        "text": text,
        "intent": intent,
        "intent_ranking": [intent],
        "alternatives": [],
        "wishes": [],
        "entities": [entity.dict() for entity in command.entities],
        "sentiment": {"label": "neutral", "confidence": 0.0, "scores": {}},
    }
