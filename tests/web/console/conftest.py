"""The console as it is run, in a process of its own, before a real conversation server and in a real browser."""

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Locator, Page, expect

from ops.ports import free_ports
from tests.browser import ColorScheme
from tests.web.conftest import Settings, Web, started
from tests.web.desk import PASSWORD
from tests.web.servers import FakeBot, answer_to, parse_of

#: Not in git: to be looked at.
SCREENSHOTS = Path(__file__).parent / "screenshots"
#: Both cores may be busy with something else.
_PATIENCE_MS = 20_000
expect.set_options(timeout=_PATIENCE_MS)
_SECRET = "a secret of the tests, long enough for a cookie"
_SECONDS_TO_START = 60.0


@pytest.fixture(scope="session")
def ports() -> dict[str, int]:
    return free_ports(("web", "console", "gallery"))


@contextmanager
def process(arguments: list[str], url: str, ports: dict[str, int], state: Path) -> Iterator[str]:
    """A process of the console's Python while the context lasts; the URL where it answers."""
    environment = {
        "RAPPORT_WEB_URL": f"http://127.0.0.1:{ports['web']}",
        "RAPPORT_CONSOLE_PORT": str(ports["console"]),
        "RAPPORT_CONSOLE_SECRET": _SECRET,
        "RAPPORT_STATE": str(state),
    }
    with subprocess.Popen([sys.executable, "-m", *arguments], env=environment) as running:
        try:
            _await_listening(running, url)
            yield url
        finally:
            running.terminate()


def _await_listening(running: "subprocess.Popen[bytes]", url: str) -> None:
    """Not by `/health`: that asks the conversation server, which runs in the loop that waits here."""
    deadline = time.monotonic() + _SECONDS_TO_START
    port = int(url.rsplit(":", 1)[1])
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert running.poll() is None, "it ended while it started"
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def console(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of `python -m web console`, one for all tests; the server that it asks is another for each."""
    url = f"http://127.0.0.1:{ports['console']}"
    with process(["web", "console"], url, ports, tmp_path_factory.mktemp("console")) as answering:
        yield answering


@pytest_asyncio.fixture(loop_scope="session")
async def web(settings: Settings, ports: dict[str, int]) -> AsyncIterator[Web]:
    """The conversation server that the console asks."""
    async with started(settings(), ports["web"]) as running:
        yield running


class Staff:
    """Somebody at the console, in a browser of their own, and what went wrong on their pages."""

    def __init__(self, page: Page, console: str) -> None:
        self.page = page
        self.console = console
        self.wrong: list[str] = []
        self.elsewhere: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda line: self.wrong.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith((self.console, self.console.replace("http", "ws", 1), "data:", "blob:")):
            self.elsewhere.append(url)

    async def sign_in(self, name: str, password: str = PASSWORD, path: str = "/") -> None:
        await self.page.goto(f"{self.console}{path}")
        await self.page.get_by_label("Name").fill(name)
        await self.page.get_by_label("Password").fill(password)
        await self.page.keyboard.press("Enter")

    async def open(self, path: str) -> None:
        await self.page.goto(f"{self.console}{path}")

    @property
    def heading(self) -> Locator:
        return self.page.get_by_role("heading", level=1)

    async def reads(self, title: str) -> None:
        await expect(self.heading).to_have_text(title)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def rows(self) -> Locator:
        return self.page.get_by_role("list", name="Conversations").get_by_role("link")

    async def focused(self) -> str:
        """The text of what has the focus."""
        text: str = await self.page.evaluate("document.activeElement.innerText")
        return text

    async def barriers(self) -> list[str]:
        results: dict[str, Any] = (await Axe().run(self.page)).response
        return [f"{item['id']}: {item['nodes'][0]['html']}" for item in results["violations"]]

    async def overflow(self) -> int:
        pixels: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return pixels


Arrive = Callable[..., Awaitable[Staff]]


@pytest.fixture
def arrive(browser: Browser, console: str) -> Arrive:
    """Somebody new with a browser of their own: `await arrive(width=390, scheme="dark")`."""

    async def someone(width: int = 1440, scheme: ColorScheme = "light") -> Staff:
        context = await browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        context.set_default_timeout(_PATIENCE_MS)
        return Staff(await context.new_page(), console)

    return someone


@pytest.fixture
def moods(bot: FakeBot) -> FakeBot:
    """A bot that notices anger, and brings whoever asks for a person to the agents."""

    def feels(label: str) -> dict[str, Any]:
        scores = {"angry": 0.02, "negative": 0.03, "neutral": 0.9, "positive": 0.05, label: 0.9}
        return {"label": label, "confidence": 0.9, "scores": scores}

    async def to_a_person(turn: dict[str, Any]) -> Any:
        return answer_to(
            turn,
            {"text": "I am getting somebody for you.", "reply": "utter_handoff", "variant": "default"},
            parse={**parse_of("contact_human_agent"), "sentiment": feels("neutral")},
            decision={"handoff": {"reason": "customer asked"}},
        )

    async def angrily(turn: dict[str, Any]) -> Any:
        return answer_to(
            turn,
            {"text": "I am sorry. A colleague will look at it.", "reply": "utter_sorry", "variant": "angry"},
            parse={**parse_of("complaint"), "sentiment": feels("angry")},
            decision={"handoff": {"reason": "angry customer"}},
        )

    async def with_form(turn: dict[str, Any]) -> Any:
        form = {
            "intent": "return_item",
            "title": "Return an item",
            "filled": [{"name": "order_id", "label": "Order", "value": "RP-100234"}],
            "missing": [{"name": "reason", "label": "Reason"}],
        }
        return answer_to(
            turn,
            {"text": "What is wrong with it?", "reply": "utter_ask_reason", "variant": "default"},
            parse={**parse_of("return_item"), "sentiment": feels("neutral")},
            decision={"form": form},
        )

    bot.on["I want to talk to a person"] = to_a_person
    bot.on["this is a disgrace, the kettle broke again"] = angrily
    bot.on["I want to send the kettle back"] = with_form
    return bot
