"""What is loaded is what was asked for, or nothing is."""

import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.shared.exceptions import RasaException

from bot.loading import NotAsConfigured, load
from tests.bot.conftest import ENDPOINTS, ActionsService, serving


@pytest.fixture
def surroundings(
    tiny_model: Path, actions: ActionsService, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The tiny model, with Redis and the actions service in the environment."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    return tiny_model


@pytest.mark.parametrize(
    ("part", "setting", "line"),
    [
        ("tracker_store", {"type": "bot.tracker_store.NoStore"}, "tracker_store is a InMemoryTrackerStore"),
        ("tracker_store", None, "tracker_store is a InMemoryTrackerStore"),
        ("lock_store", {"type": "in_memory"}, "lock_store is a InMemoryLockStore"),
        ("lock_store", {"type": "redis", "url": "localhost"}, "lock_store is a RedisLockStore"),
        ("nlg", None, "nlg is a TemplatedNaturalLanguageGenerator"),
        ("action_endpoint", None, "names no action_endpoint"),
    ],
)
async def test_a_part_that_is_not_the_one_asked_for_is_refused(
    surroundings: Path, tmp_path: Path, part: str, setting: dict[str, str] | None, line: str
) -> None:
    endpoints = yaml.safe_load(ENDPOINTS.read_text())
    endpoints[part] = setting
    wrong = tmp_path / "endpoints.yml"
    wrong.write_text(yaml.safe_dump({name: value for name, value in endpoints.items() if value}))
    with pytest.raises(NotAsConfigured, match=line):
        load(surroundings, wrong, components=())


async def test_a_model_trained_without_the_components_is_refused(
    surroundings: Path,
) -> None:
    with pytest.raises(NotAsConfigured, match="trained without EncoderClassifier, EntityExtractor"):
        load(surroundings, ENDPOINTS)


async def test_a_missing_variable_is_named(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(RasaException, match="REDIS_URL"):
        load(surroundings, ENDPOINTS, components=())


async def test_until_it_has_loaded_the_server_refuses_turns(agent: Any) -> None:
    loaded = threading.Event()

    def slowly() -> Any:
        loaded.wait(10)
        return agent

    async with serving(slowly, wait=False) as bot:
        async with bot.http.get(f"{bot.url}/health") as response:
            assert response.status == 503
            assert (await response.json())["status"] == "starting"
        status, problem = await bot.post(bot.body("hello"))
        assert (status, problem["type"]) == (503, "starting")
        loaded.set()
