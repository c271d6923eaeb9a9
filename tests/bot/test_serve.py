"""The server as a process of its own: what it listens to, and when it refuses to start."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from rasa.shared.exceptions import RasaException

from bot.__main__ import main
from bot.serve import channel_of
from tests.bot.conftest import ENDPOINTS, PYTHON, ROOT, Bot, health_of


@pytest.fixture
def process(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The bot, started."""
    started = subprocess.Popen(
        [PYTHON, "-m", "bot", "serve"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    yield started
    started.kill()
    started.wait()


def _endpoints(folder: Path, part: str, setting: dict[str, str]) -> Path:
    """The project's endpoints with another setting of one part."""
    endpoints = yaml.safe_load(ENDPOINTS.read_text())
    endpoints[part] = {**endpoints[part], **setting}
    changed = folder / "endpoints.yml"
    changed.write_text(yaml.safe_dump(endpoints))
    return changed


async def test_it_says_when_it_is_ready_answers_and_ends_on_a_signal(
    process: subprocess.Popen[str], environment: dict[str, str], record_property: Any
) -> None:
    url = f"http://127.0.0.1:{environment['RAPPORT_BOT_PORT']}"
    began = time.monotonic()
    seen = set()
    async with aiohttp.ClientSession() as http:
        while (health := await health_of(http, url)) is None or health[0] != 200:
            assert process.poll() is None, process.stderr and process.stderr.read()
            if health is not None:
                seen.add((health[0], health[1]["status"]))
            await asyncio.sleep(0.1)
        record_property("seconds_to_ready", round(time.monotonic() - began, 1))
        assert seen == {(503, "starting")}
        assert health[1] == {
            "status": "ready",
            "service": "bot",
            "models": {"encoder": "tiny-encoder", "rasa": "real"},
            "encoder": {"model_id": "tiny-encoder", "refused": None},
        }

        bot = Bot(url, http)
        answer = await bot.turn("hello")
        assert [reply["text"] for reply in answer["replies"]] == ["Hello from the domain."]
        assert answer["parse"]["intent"]["name"] == "greet"
        assert answer["models"]["encoder"] == "tiny-encoder"
        assert {"encoder", "entities"} <= answer["milliseconds"].keys()
        # Nothing of Rasa's own interface is open.
        for path in ("/", "/status", "/model", "/conversations/x/tracker", "/webhooks/rest/webhook"):
            async with http.get(url + path) as response:
                assert response.status == 404

    process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(process.wait, 15) == 0


def test_a_refusal_is_one_line_and_an_exit_code(environment: dict[str, str], tmp_path: Path) -> None:
    wrong = _endpoints(tmp_path, "tracker_store", {"type": "bot.tracker_store.RedisTrakerStore"})
    command = [PYTHON, "-m", "bot", "serve", "--endpoints", str(wrong)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "bot: NotAsConfigured: tracker_store is a InMemoryTrackerStore, not the RedisTrackerStore that it must be"
    )


@pytest.mark.parametrize("name", ["RAPPORT_BOT_PORT", "RAPPORT_RASA_MODEL"])
def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for known in ("RAPPORT_BOT_PORT", "RAPPORT_RASA_MODEL"):
        monkeypatch.setenv(known, "1")
    monkeypatch.delenv(name)
    monkeypatch.setattr("sys.argv", ["bot", "serve"])
    with pytest.raises(SystemExit, match=f"bot: set {name};"):
        main()


def test_a_missing_model_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_BOT_PORT", "1")
    monkeypatch.setenv("RAPPORT_RASA_MODEL", "/nowhere/model.tar.gz")
    monkeypatch.setattr("sys.argv", ["bot", "serve"])
    with pytest.raises(SystemExit, match=r"bot: no model at /nowhere/model\.tar\.gz"):
        main()


def test_without_its_key_the_channel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAPPORT_BOT_KEY", raising=False)
    with pytest.raises(RasaException, match="RAPPORT_BOT_KEY"):
        channel_of(ROOT / "credentials.yml")


def test_a_second_channel_is_refused(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials.yml"
    credentials.write_text("rest:\nbot.turn_channel.TurnChannel: {key: k}\n")
    with pytest.raises(ValueError, match="the turn channel alone, not rest"):
        channel_of(credentials)
