"""Real servers for the tests: the conversation server, and beside it a bot and a profile service to play with."""

import asyncio
import contextlib
import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.types import ASGIApp

from ops.ports import free_port

__all__ = ["FakeBot", "FakeProfiles", "answer_to", "free_port", "served"]

BOT_KEY = "bot-key"
PROFILES_KEY = "profiles-key"
PROFILES_AGENT_KEY = "profiles-agent-key"
CONSENT = {
    "service": True,
    "personalisation": True,
    "analytics": False,
    "training": False,
    "marketing": False,
}

Answer = Callable[[dict[str, Any]], Awaitable[Any]]


@contextlib.asynccontextmanager
async def served(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """The base URL under which `app` answers while the context lasts."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1, ws_max_size=64 * 1024)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        if running.done():
            running.result()
        await asyncio.sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


def parse_of(intent: str, confidence: float = 0.97, mood: str = "neutral") -> dict[str, Any]:
    return {
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [],
        "entities": [{"entity": "order_id", "value": "RP-100234"}],
        "sentiment": {"label": mood, "confidence": 0.9},
    }


def answer_to(turn: dict[str, Any], *replies: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A committed answer, as docs/contracts.md has it."""
    return {
        "turn_id": turn["turn_id"],
        "committed": True,
        "repeated": False,
        "replies": list(replies),
        "parse": parse_of("track_order"),
        "decision": {},
        "models": {"encoder": "abc", "rasa": "model.tar.gz"},
        "milliseconds": {"total": 3.0, "understand": 1.0},
        **more,
    }


class FakeBot:
    """Speaks the contract of the bot's channel. `on[text]` says what to answer; else it repeats the text."""

    def __init__(self) -> None:
        self.on: dict[str, Answer] = {}
        self.turns: list[dict[str, Any]] = []
        self.at_once: Counter[str] = Counter()
        self.most_at_once = 0
        self.kept: dict[str, Any] = {}
        self.app = FastAPI()
        self.app.post("/webhooks/turn/turns")(self._turn)
        self.app.get("/health")(lambda: {"status": "ready", "service": "bot"})

    async def _turn(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {BOT_KEY}":
            return Response(status_code=401)
        turn = await request.json()
        if turn["turn_id"] in self.kept:
            return JSONResponse({**self.kept[turn["turn_id"]], "repeated": True})
        self.turns.append(turn)
        conversation = turn["conversation_id"]
        self.at_once[conversation] += 1
        self.most_at_once = max(self.most_at_once, self.at_once[conversation])
        try:
            answer = await self._answer(turn)
        finally:
            self.at_once[conversation] -= 1
        if isinstance(answer, Response):
            return answer
        self.kept[turn["turn_id"]] = answer
        return JSONResponse(answer)

    async def _answer(self, turn: dict[str, Any]) -> Any:
        command = (turn["command"] or {}).get("intent")
        chosen = self.on.get(turn["text"]) or self.on.get(f"command:{command}")
        if chosen:
            return await chosen(turn)
        if command == "open_conversation":
            return answer_to(turn, {"text": "Hello!", "reply": "utter_greet", "variant": "default"})
        said = f"{turn['text']}!" if command is None else f"command {command}"
        return answer_to(turn, {"text": said, "reply": "utter_echo", "variant": "loyal"})

    def texts(self) -> list[str]:
        return [turn["text"] for turn in self.turns if turn["text"]]


class FakeProfiles:
    """Knows every customer whose id begins with C0; keeps the interactions and the looks that it hears of.

    `attributes` are what every customer has by purpose, `details` what people may read.
    """

    def __init__(self) -> None:
        self.interactions: list[dict[str, Any]] = []
        self.attributes: dict[str, dict[str, Any]] = {}
        self.consent = dict(CONSENT)
        self.details: dict[str, Any] = {}
        #: What was read, by whom and why, with the key of agents.
        self.looks: list[tuple[str, str, str]] = []
        self.heard = asyncio.Event()
        #: The batches of events that were posted, with the key of web, and how to answer the next ones.
        self.batches: list[dict[str, Any]] = []
        self.batch_answers: list[Response] = []
        self.batch_came = asyncio.Event()
        self.app = FastAPI()
        self.app.get("/api/customer/{customer_id}")(self._customer)
        self.app.get("/api/customer/{customer_id}/details")(self._details)
        self.app.post("/api/interactions", status_code=202)(self._interaction)
        self.app.post("/v1/batch")(self._batch)
        self.app.get("/health")(lambda: {"status": "ready", "service": "profiles"})

    async def _customer(self, request: Request, customer_id: str, purpose: str = "service") -> JSONResponse:
        self._look(request, purpose)
        if not customer_id.startswith("C0"):
            problem = {"type": "unknown-customer", "title": "Not Found", "status": 404, "detail": "No."}
            return JSONResponse(problem, 404, media_type="application/problem+json")
        view = {
            "customer_id": customer_id,
            "version": 7,
            "purpose": purpose,
            "consent": self.consent,
            "attributes": self.attributes.get(purpose, {}) if self.consent[purpose] else {},
        }
        return JSONResponse(view)

    async def _details(self, request: Request, customer_id: str) -> Response:
        if request.headers.get("authorization") != f"Bearer {PROFILES_AGENT_KEY}":
            return Response(status_code=403)
        self._look(request, "details")
        return JSONResponse({"customer_id": customer_id, **self.details})

    async def _batch(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {PROFILES_KEY}":
            return Response(status_code=401)
        self.batches.append(await request.json())
        self.batch_came.set()
        return self.batch_answers.pop(0) if self.batch_answers else JSONResponse({"success": True})

    def events(self) -> list[dict[str, Any]]:
        """The events that were posted, in their order; sent again, they are here again."""
        return [event for batch in self.batches for event in batch["batch"]]

    def _look(self, request: Request, what: str) -> None:
        if request.headers.get("authorization") == f"Bearer {PROFILES_AGENT_KEY}":
            headers = request.headers
            self.looks.append((what, headers["rapport-actor"], headers["rapport-reason"]))

    async def _interaction(self, request: Request) -> dict[str, str]:
        self.interactions.append(await request.json())
        self.heard.set()
        return {"status": "accepted"}
