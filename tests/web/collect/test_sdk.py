"""The browser SDK in a real browser, before the real relay: nothing without consent, nothing lost, nothing twice."""

import asyncio
from typing import Any

import pytest
from fastapi.responses import JSONResponse
from playwright.async_api import Browser, BrowserContext, Page

from tests.web.conftest import Web
from tests.web.servers import FakeProfiles

STORED = """() => Object.fromEntries(Object.entries(localStorage)
    .filter(([name]) => name.startsWith("rapport:events:"))
    .map(([name, text]) => [name.slice(15), JSON.parse(text)]))"""


class Shop:
    """A page of a shop that uses the SDK."""

    def __init__(self, page: Page, url: str, profiles: FakeProfiles) -> None:
        self.page = page
        self.posts = 0
        self._url = url
        self._profiles = profiles
        page.on("request", self._count)

    def _count(self, request: Any) -> None:
        self.posts += request.url.endswith("/v1/batch")

    async def open(self, path: str = "/help/") -> None:
        await self.page.goto(self._url + path)
        await self.do(
            'window.rapport = new (await import("/sdk/rapport.js")).Rapport()', ready="document.readyState"
        )

    async def do(self, *scripts: str, **_: str) -> None:
        for script in scripts:
            await self.page.evaluate(f"async () => {{ {script} }}")

    async def view(self, *skus: str) -> None:
        for sku in skus:
            await self.do(f"rapport.productViewed({{ sku: '{sku}' }})")

    async def leave(self) -> None:
        """What a browser does when the page is closed or left."""
        await self.do('dispatchEvent(new Event("pagehide"))')

    async def arrive(self, batches: int) -> list[dict[str, Any]]:
        """The events at the profile service, once so many batches came."""
        async with asyncio.timeout(30):
            while len(self._profiles.batches) < batches:
                self._profiles.batch_came.clear()
                await self._profiles.batch_came.wait()
        return self._profiles.events()

    async def stored(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate(STORED)
        return found

    async def settled(self) -> None:
        """The queue is empty."""
        await self.page.wait_for_function("localStorage.getItem('rapport:events:queue') === null")


async def shop_in(context: BrowserContext, web: Web, profiles: FakeProfiles) -> Shop:
    shop = Shop(await context.new_page(), web.url, profiles)
    await shop.open()
    return shop


@pytest.fixture
async def shop(browser: Browser, web: Web, profiles: FakeProfiles) -> Shop:
    return await shop_in(await browser.new_context(), web, profiles)


def skus(events: list[dict[str, Any]]) -> list[str]:
    return [event["properties"]["sku"] for event in events if event.get("event") == "Product Viewed"]
