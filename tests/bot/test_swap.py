"""A running bot takes another encoder in the middle of many conversations, and no message is lost."""

import asyncio
import itertools
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest

from nlu_models.registry import Registry
from tests.bot.conftest import APP_PYTHON, FIXTURES, PYTHON, ROOT, Bot, health_of
from tests.bot.encoder_copies import add_recogniser, copy, damage

KNOWN = frozenset({"greet", "thank", "out_of_scope"})
CONVERSATIONS = 4
#: What each encoder takes "hello" for.
INTENT = {"first": "greet", "second": "thank"}
#: What each finds in it.
ENTITIES = {"first": [], "second": [("product", "hello")]}
#: Rows that make a model of 20 MB, so that one left behind shows.
ROWS = 500_000
MEGABYTES = 20
SWAPS = 14


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """Of two models that differ in what "hello" means and names, and a damaged one; the first is promoted."""
    written = tmp_path / "written"
    subprocess.run([APP_PYTHON, "-m", "tests.bot.tiny_encoder", written, str(ROWS)], cwd=ROOT, check=True)
    registry = Registry(tmp_path / "encoder.json", tmp_path / "encoder")
    copy(written, registry.models / "first")
    copy(written, registry.models / "second", intents=["thank", "greet", "out_of_scope"])
    add_recogniser(registry.models / "second")
    copy(written, registry.models / "damaged")
    damage(registry.models / "damaged")
    registry.promote("first", KNOWN)
    return registry


@pytest.fixture
def swapping(environment: dict[str, str], registry: Registry) -> dict[str, str]:
    """The settings with which the bot follows the registry."""
    settings = {name: value for name, value in environment.items() if name != "RAPPORT_ENCODER_DIR"}
    return {
        **settings,
        "RAPPORT_CACHE": str(registry.models.parent),
        "RAPPORT_ENCODER_REGISTRY": str(registry.file),
    }


@pytest.fixture
def process(swapping: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The bot, started."""
    with (tmp_path / "bot.log").open("wb") as log:
        started = subprocess.Popen([PYTHON, "-m", "bot", "serve"], cwd=ROOT, env=swapping, stderr=log)
    yield started
    started.kill()
    started.wait()


@dataclass
class Stream:
    """Conversations in which somebody says hello without end.

    Attributes:
        answers: status and body of each, in their order.
    """

    bot_url: str
    http: aiohttp.ClientSession
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    ended: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Stream"]:
        """Talk while the block runs; every message that was begun has its answer at the end."""
        async with asyncio.TaskGroup() as group:
            for _ in range(CONVERSATIONS):
                group.create_task(self._talk())
            try:
                yield self
            finally:
                self.ended = True

    async def _talk(self) -> None:
        bot = Bot(self.bot_url, self.http)
        while not self.ended:
            answer = await bot.post(bot.body("hello"))
            async with self.came:
                self.answers.append(answer)
                self.came.notify_all()

    async def answered_by(self, model_id: str) -> None:
        """Wait for an answer by this encoder among those still to come."""
        begin = len(self.answers)
        async with asyncio.timeout(20), self.came:
            await self.came.wait_for(
                lambda: any(
                    body.get("models", {}).get("encoder") == model_id for _, body in self.answers[begin:]
                )
            )


async def _ready(http: aiohttp.ClientSession, url: str, process: "subprocess.Popen[bytes]") -> None:
    while (health := await health_of(http, url)) is None or health[0] != 200:
        assert process.poll() is None
        await asyncio.sleep(0.1)


async def _command(environment: dict[str, str], *words: str) -> None:
    """Run `python -m nlu_models` as a trainer does."""
    domain = str(FIXTURES / "domain.yml")
    command = [str(APP_PYTHON), "-m", "nlu_models", "--domain", domain, *words]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment)
    assert await process.wait() == 0


async def test_conversations_go_on_while_encoders_change(
    process: "subprocess.Popen[bytes]", swapping: dict[str, str], registry: Registry, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{swapping['RAPPORT_BOT_PORT']}"
    async with aiohttp.ClientSession() as http:
        await _ready(http, url, process)
        async with Stream(url, http).running() as stream:
            await stream.answered_by("first")
            await _command(swapping, "promote", "second")
            await stream.answered_by("second")
            await _command(swapping, "rollback")
            await stream.answered_by("first")

            content = json.loads(registry.file.read_text())
            registry.file.write_text(json.dumps({**content, "promoted": "damaged"}))
            async with asyncio.timeout(20):
                while (refused := await _encoder(http, url))["refused"] is None:
                    await stream.answered_by("first")
            assert refused["model_id"] == "first"
            assert refused["refused"]["model_id"] == "damaged"
            assert "damaged or changed" in refused["refused"]["reason"]
            await stream.answered_by("first")

            await _command(swapping, "promote", "second")
            await stream.answered_by("second")
            assert (await _encoder(http, url)) == {"model_id": "second", "refused": None}

    assert {status for status, _ in stream.answers} == {200}
    for _, answer in stream.answers:
        assert answer["committed"]
        assert len(answer["replies"]) == 1
        # No turn is understood by one model and signed by another, nor half by each.
        model_id, parse = answer["models"]["encoder"], answer["parse"]
        assert parse["intent"]["name"] == INTENT[model_id]
        assert [(found["entity"], found["value"]) for found in parse["entities"]] == ENTITIES[model_id]
    # The answers of four conversations may overtake each other around each of the three changes, but no more.
    changes = [answer["models"]["encoder"] for _, answer in stream.answers]
    assert sum(one != other for one, other in itertools.pairwise(changes)) < 3 + CONVERSATIONS * 3
    log = (tmp_path / "bot.log").read_text()
    assert log.count("encoder damaged refused") == 1


async def _encoder(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    health = await health_of(http, url)
    assert health is not None
    assert health[0] == 200
    encoder: dict[str, Any] = health[1]["encoder"]
    return encoder


async def test_memory_does_not_grow_with_each_change(
    process: "subprocess.Popen[bytes]",
    swapping: dict[str, str],
    registry: Registry,
    record_property: Any,
) -> None:
    url = f"http://127.0.0.1:{swapping['RAPPORT_BOT_PORT']}"
    resident = []
    async with aiohttp.ClientSession() as http:
        await _ready(http, url, process)
        async with Stream(url, http).running() as stream:
            for number in range(SWAPS):
                model_id = ("second", "first")[number % 2]
                registry.promote(model_id, KNOWN)
                await stream.answered_by(model_id)
                resident.append(psutil.Process(process.pid).memory_info().rss // 10**6)
    assert {status for status, _ in stream.answers} == {200}
    record_property("megabytes", resident)
    # The allocator finds its level in the first few; every model kept would add its size.
    assert resident[-1] - resident[4] < (SWAPS - 5) * MEGABYTES / 3, resident
