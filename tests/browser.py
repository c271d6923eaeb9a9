"""A visitor of the demo page in a real browser."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from ops import browser as installed

ColorScheme = Literal["dark", "light"]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser that `make test` has found or installed; without one, nothing here can be tested."""
    path = installed.find()
    assert path is not None, "no Chromium was found; `make test` installs one"
    return str(path)


@contextlib.asynccontextmanager
async def chromium(path: str) -> AsyncIterator[Browser]:
    """A browser while the context lasts."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield browser
        await browser.close()


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with chromium(chromium_path) as running:
        yield running


class Visit:
    """A page, what went wrong on it, and the few things a visitor does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda line: self.wrong.append(line.text) if line.type == "error" else None)

    async def become(self, name: str) -> None:
        await self.page.get_by_role("button", name=name).click()

    async def write(self, text: str) -> None:
        await self.page.get_by_label("Your message").fill(text)
        await self.page.keyboard.press("Enter")

    async def sees(self, text: str) -> None:
        await expect(self.page.get_by_role("log").get_by_text(text)).to_be_visible()

    async def barriers(self) -> list[str]:
        results: dict[str, Any] = (await Axe().run(self.page)).response
        return [f"{item['id']}: {item['nodes'][0]['html']}" for item in results["violations"]]


async def visit(browser: Browser, url: str, width: int = 1440, scheme: ColorScheme = "light") -> Visit:
    """Open the demo page, as somebody new."""
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    visitor = Visit(await context.new_page())
    await visitor.page.goto(url)
    await expect(visitor.page.locator(".persona")).to_have_count(9)
    return visitor
