"""A tiny model, trained once in the session, and the bot around it with the session's real Redis."""

import itertools
import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from sanic import Sanic

from ops.ports import free_port

FIXTURES = Path(__file__).parent / "fixtures"
ROOT = Path(__file__).resolve().parents[2]
ENDPOINTS = ROOT / "endpoints.yml"
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
APP_PYTHON = ROOT / ".venv" / "bin" / "python"
KEY = "the-key-of-the-bot"

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained archive of tests/bot/fixtures, whose messages are understood by keywords."""
    from rasa.model_training import train  # noqa: PLC0415 (imports TensorFlow)

    folder = tmp_path_factory.mktemp("model")
    result = train(
        domain=str(FIXTURES / "domain.yml"),
        config=str(FIXTURES / "config.yml"),
        training_files=[str(FIXTURES / "rules.yml"), str(FIXTURES / "nlu.yml")],
        output=str(folder),
        fixed_model_name="tiny",
        force_training=True,
    )
    return Path(result.model)


@dataclass
class ActionsService:
    """A server in place of the actions: says what the test tells it to, and keeps what it was asked.

    Attributes:
        answers: for each action or reply, its JSON answer, or a coroutine function that gives it.
        calls: the bodies of the requests to `/webhook`, in order.
        questions: the bodies of the requests to `/nlg`.
        connections: how many connections were opened.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    url: str = ""

    async def webhook(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.calls.append(body)
        self.connections.add(request.transport)
        return await self._answer(body["next_action"])

    async def nlg(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.questions.append(body)
        self.connections.add(request.transport)
        return await self._answer(body["reply"])

    async def _answer(self, name: str) -> web.Response:
        answer = self.answers.get(name)
        if callable(answer):
            answer = await answer()
        return web.json_response(answer) if answer is not None else web.Response(status=500)


@pytest_asyncio.fixture
async def actions(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ActionsService]:
    """The actions service of this test, at `RAPPORT_ACTIONS_URL`."""
    service = ActionsService()
    app = web.Application()
    app.router.add_post("/webhook", service.webhook)
    app.router.add_post("/nlg", service.nlg)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    service.url = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("RAPPORT_ACTIONS_URL", service.url)
    monkeypatch.setenv("RAPPORT_ACTIONS_KEY", "key-of-the-actions")
    yield service
    await runner.cleanup()


@pytest_asyncio.fixture
async def load_agent(
    tiny_model: Path, actions: ActionsService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[[str], Any]]:
    """Makes agents with the tiny model and the Redis at the given URL."""
    from bot.loading import load  # noqa: PLC0415 (imports TensorFlow)

    agents = []

    def make(redis_url: str) -> Any:
        monkeypatch.setenv("REDIS_URL", redis_url)
        agents.append(load(tiny_model, ENDPOINTS, components=()))
        return agents[-1]

    yield make
    for agent in agents:
        await agent.close()


@pytest_asyncio.fixture
async def agent(load_agent: Callable[[str], Any], redis_url: str) -> Any:
    """An agent with the tiny model and the session's Redis."""
    return load_agent(redis_url)


@dataclass
class Bot:
    """The bot as web sees it: an address and a key."""

    url: str
    http: aiohttp.ClientSession
    conversation_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    async def post(self, body: Any, key: str | None = KEY) -> tuple[int, dict[str, Any]]:
        """Post a body as it is; the status and the JSON of the answer."""
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        async with self.http.post(f"{self.url}/webhooks/turn/turns", json=body, headers=headers) as response:
            return response.status, await response.json(content_type=None)

    def body(self, text: str | None = None, **more: Any) -> dict[str, Any]:
        """The body of a turn of this bot's conversation."""
        return {
            "turn_id": str(uuid.uuid4()),
            "conversation_id": self.conversation_id,
            "owner_epoch": 3,
            "text": text,
            "command": None,
            "customer": {"customer_id": "C000001", "profile_version": 7, "consent": {"service": True}},
            **more,
        }

    async def turn(self, text: str | None = None, **more: Any) -> dict[str, Any]:
        """Take a turn and return its answer."""
        status, answer = await self.post(self.body(text, **more))
        assert status == 200, answer
        return answer

    async def says(self, text: str) -> list[str]:
        """The texts with which the bot answers."""
        return [reply["text"] for reply in (await self.turn(text))["replies"]]


@asynccontextmanager
async def serving(load: Callable[[], Any], wait: bool = True) -> AsyncIterator[Bot]:
    """The bot's server in this process, loaded unless one does not `wait`."""
    from bot.serve import make_app  # noqa: PLC0415 (imports TensorFlow)
    from bot.turn_channel import TurnChannel  # noqa: PLC0415 (imports TensorFlow)

    Sanic.test_mode = True  # several servers in one process
    app = make_app(TurnChannel(KEY), load, name=f"bot_{next(_numbers)}")
    port = free_port()
    server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    await server.after_start()
    if wait:
        await app.ctx.loading
    try:
        async with aiohttp.ClientSession() as http:
            yield Bot(f"http://127.0.0.1:{port}", http)
    finally:
        await server.close()


@pytest_asyncio.fixture
async def bot(agent: Any) -> AsyncIterator[Bot]:
    """The bot with the tiny model, served over HTTP."""
    async with serving(lambda: agent) as running:
        yield running


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder, written by the environment that can."""
    folder = tmp_path_factory.mktemp("encoder")
    subprocess.run([APP_PYTHON, "-m", "tests.bot.tiny_encoder", folder], cwd=ROOT, check=True)
    return folder


@pytest.fixture(scope="session")
def real_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with the project's own config.yml and the dialogue of the tests."""
    from rasa.model_training import train  # noqa: PLC0415 (imports TensorFlow)

    result = train(
        domain=str(FIXTURES / "domain.yml"),
        config=str(ROOT / "config.yml"),
        training_files=[str(FIXTURES / "rules.yml"), str(FIXTURES / "nlu.yml")],
        output=str(tmp_path_factory.mktemp("real")),
        fixed_model_name="real",
    )
    return Path(result.model)


@pytest.fixture
def environment(redis_url: str, real_model: Path, encoder_folder: Path, unused_url: str) -> dict[str, str]:
    """The settings with which the bot starts."""
    return {
        **os.environ,
        "REDIS_URL": redis_url,
        "RAPPORT_BOT_PORT": str(free_port()),
        "RAPPORT_BOT_KEY": KEY,
        "RAPPORT_ACTIONS_URL": unused_url,
        "RAPPORT_ACTIONS_KEY": "key-of-the-actions",
        "RAPPORT_RASA_MODEL": str(real_model),
        "RAPPORT_ENCODER_DIR": str(encoder_folder),
    }


async def health_of(http: aiohttp.ClientSession, url: str) -> tuple[int, dict[str, Any]] | None:
    """Status and content of a bot's `/health`; None while nobody listens."""
    try:
        async with http.get(f"{url}/health") as response:
            return response.status, await response.json()
    except aiohttp.ClientConnectionError:
        return None


@pytest.fixture
def unused_url() -> str:
    """An address at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Settings without which Rasa's libraries fill the output."""
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    yield
