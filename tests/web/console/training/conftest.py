"""The trainers' pages as they are run: real PostgreSQL, real commands, a copy of little data, a real browser.

Only the training itself is another: one that says what a training says, and ends when it is told to.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from nlu_models.registry import Registry
from nlu_models.runtime.model_folder import CARD_FILE
from ops.ports import free_ports
from ops.redis_server import RedisServer
from tests.bot.tiny_encoder import write
from tests.browser import ColorScheme
from tests.web.conftest import Settings, Web, started
from tests.web.console.conftest import _SECRET, Arrive, Staff, _await_listening
from tests.web.desk import employ
from tests.web.servers import PROFILES_KEY, served
from tests.web.training.conftest import (
    DOMAIN,
    MOODS,
    ORDERS,
    OTHER,
    ConsentingProfiles,
    Said,
    migrated,
    profiles,
    said,
    training_database,
)
from web.training import runner
from web.training.settings import REPOSITORY

__all__ = ["migrated", "profiles", "said", "training_database"]

OLD, NEW = "aa" * 12, "bb" * 12

TRAINING = """
import json, pathlib, sys, time
here = pathlib.Path(sys.argv[1])
def say(**line): print(json.dumps(line), flush=True)
say(percent=12.5, words="Learning intents and moods, round 2")
print("read 24 utterances", file=sys.stderr, flush=True)
while not (here / "go").exists(): time.sleep(0.02)
(here / "go").unlink()
say(percent=100.0, words="Trained; the candidate is bbbbbbbbbb", model_id="bb" * 12)
"""

PYTHON = """\
#!/bin/sh
case " $* " in *" train --candidate "*) exec "{python}" "{here}/training.py" "{here}";; esac
exec "{python}" "$@"
"""


@dataclass(frozen=True)
class Room:
    """Where a console's data lies. `repository` is emptied and filled for each test."""

    folder: Path

    @property
    def repository(self) -> Path:
        return self.folder / "checkout"

    @property
    def models(self) -> Path:
        return self.folder / "cache" / "encoder"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def text(self, path: str) -> str:
        return (self.repository / path).read_text(encoding="utf-8")

    def go(self) -> None:
        """Let the training end."""
        (self.folder / "go").touch()

    def end_trainings(self) -> None:
        """Those that a test left running, which nothing else would end."""
        for job in (self.state / "training").glob(f"*/{runner.ABOUT}"):
            pid, ended = job.with_name(runner.PID), job.with_name(runner.OUTCOME).exists()
            if pid.exists() and not ended:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid.read_text(encoding="utf-8")), signal.SIGTERM)


@pytest.fixture(scope="session")
def whole_room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    room = Room(tmp_path_factory.mktemp("training-room"))
    (room.folder / "training.py").write_text(TRAINING)
    python = room.folder / "python"
    python.write_text(PYTHON.format(python=sys.executable, here=room.folder))
    python.chmod(0o755)
    return room


@pytest.fixture(scope="session")
def ports() -> dict[str, int]:
    return free_ports(("web", "console", "profiles"))


@pytest.fixture(scope="session")
def console(
    ports: dict[str, int], whole_room: Room, migrated: str, redis_server: RedisServer
) -> Iterator[str]:
    url = f"http://127.0.0.1:{ports['console']}"
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "OMP_NUM_THREADS") if name in os.environ},
        "RAPPORT_WEB_URL": f"http://127.0.0.1:{ports['web']}",
        "RAPPORT_CONSOLE_PORT": str(ports["console"]),
        "RAPPORT_CONSOLE_SECRET": _SECRET,
        "RAPPORT_STATE": str(whole_room.state),
        "RAPPORT_CACHE": str(whole_room.folder / "cache"),
        "RAPPORT_ENCODER_REGISTRY": str(whole_room.folder / "encoder.json"),
        "RAPPORT_REPOSITORY": str(whole_room.repository),
        "RAPPORT_PYTHON": str(whole_room.folder / "python"),
        "RAPPORT_PROFILES_URL": f"http://127.0.0.1:{ports['profiles']}",
        "RAPPORT_PROFILES_KEY": PROFILES_KEY,
        "DATABASE_URL": migrated,
        "REDIS_URL": redis_server.url,
    }
    with subprocess.Popen([sys.executable, "-m", "web", "console"], env=environment) as running:
        try:
            _await_listening(running, url)
            yield url
        finally:
            running.terminate()


@pytest.fixture
def chat_database(training_database: str) -> str:
    """Conversations, staff and what is taught lie in one database, as they do in the shop."""
    return training_database


@pytest_asyncio.fixture(loop_scope="session")
async def profiles_url(profiles: ConsentingProfiles, ports: dict[str, int]) -> AsyncIterator[str]:
    async with served(profiles.app, ports["profiles"]) as url:
        yield url


@pytest.fixture
def room(whole_room: Room) -> Iterator[Room]:
    """The room with its data as at the beginning."""
    made = [whole_room.state / "training", whole_room.state / "reports"]
    for gone in (whole_room.repository, whole_room.models, *made):
        shutil.rmtree(gone, ignore_errors=True)
    (whole_room.folder / "go").unlink(missing_ok=True)
    for path, content in (
        ("domain.yml", DOMAIN),
        ("data/rasa/nlu/orders.yml", ORDERS),
        ("data/rasa/nlu/other.yml", OTHER),
        ("data/sentiment/shop.yml", MOODS),
    ):
        file = whole_room.repository / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    for folder in ("decisions", "demo", "variants"):
        shutil.copytree(REPOSITORY / "data" / folder, whole_room.repository / "data" / folder)
    yield whole_room
    whole_room.end_trainings()


@pytest.fixture
def models(room: Room, monkeypatch: pytest.MonkeyPatch) -> Room:
    """Two models that read "thanks" differently; the old one serves."""
    registry = room.folder / "encoder.json"
    registry.unlink(missing_ok=True)
    monkeypatch.setenv("RAPPORT_CACHE", str(room.folder / "cache"))
    monkeypatch.setenv("RAPPORT_ENCODER_REGISTRY", str(registry))
    for name, intents, accuracy in (
        (OLD, ["track_order", "cancel_order", "out_of_scope"], 0.8),
        (NEW, ["track_order", "get_refund", "out_of_scope"], 0.9),
    ):
        write(room.models / name, name, intents)
        card = json.loads((room.models / name / CARD_FILE).read_text())
        card |= {"made_at": "2026-11-22T08:00:00+00:00", "metrics": {"intents": {"accuracy": accuracy}}}
        (room.models / name / CARD_FILE).write_text(json.dumps(card))
    Registry.of_environment().promote(OLD, None)
    return room


class Trainer(Staff):
    """Somebody who teaches."""

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("list", name="Messages to review").get_by_role("button")

    @property
    def form(self) -> Locator:
        return self.page.get_by_role("form", name="Decision")

    async def told(self, text: str) -> None:
        """A toast says it, as soon as the commands behind it have ended: on a busy machine that is long."""
        await expect(self.page.locator(".toast").get_by_text(text)).to_be_visible(timeout=120_000)


Teach = Callable[..., Awaitable[Trainer]]


@pytest_asyncio.fixture(loop_scope="session")
async def web(settings: Settings, ports: dict[str, int]) -> AsyncIterator[Web]:
    async with started(settings(), ports["web"]) as running:
        yield running


@pytest.fixture
def teach(web: Web, room: Room, arrive: Arrive) -> Teach:
    """A trainer who is signed in, at a page: `await teach("/training/data", width=390)`."""

    async def someone(path: str, width: int = 1440, scheme: ColorScheme = "light") -> Trainer:
        await employ(web, "tess", "trainer")
        staff = await arrive(width, scheme)
        trainer = Trainer(staff.page, staff.console)
        await trainer.sign_in("tess", path=path)
        # Whoever opens another page before is not signed in.
        await expect(trainer.page.get_by_role("navigation", name="Training")).to_be_visible()
        return trainer

    return someone


@pytest.fixture
def misread(said: Said) -> Said:
    """Some messages of one customer, the last one marked by an agent."""
    for text in ("where's my parcel got to", "Where's my parcel got to?", "wheres my parcel got to!"):
        said(text, "track_order", 0.41, ranking=[("track_order", 0.41), ("get_refund", 0.3)])
    said("sing me a song about kettles", "out_of_scope", 0.88, entities=[("product", "kettles")])
    said(
        "the toaster from RP-100234 is no good, I want my money",
        "cancel_order",
        0.93,
        ranking=[("cancel_order", 0.93), ("get_refund", 0.05)],
        entities=[("order_id", "RP-100234")],
        mark=("get_refund", "money back, not cancelling"),
    )
    return said
