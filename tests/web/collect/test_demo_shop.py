"""The demo page asks before it notes what a visitor looks at, and tells it in the words of the specification."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from profiles.events.envelope import Event
from profiles.quality.schemas import check
from tests.browser import ColorScheme, Visit, visit
from tests.web.collect.test_sdk import arrived
from tests.web.conftest import Web
from tests.web.servers import FakeProfiles


async def look_around(page: Page) -> None:
    await page.get_by_role("button", name="Details of Thrumm Drift 5").click()
    await page.get_by_role("button", name="Add to basket: Thrumm Longboard").click()
    await page.get_by_text("Your basket: 1 item, £219.00").click()
    await page.get_by_role("button", name="Remove one: Thrumm Longboard").click()
    await expect(page.get_by_text("Your basket: empty")).to_be_visible()


def problems_of(event: dict[str, Any]) -> list[str]:
    """What the profile service will have to say against it when it applies the event."""
    now = datetime.now(UTC)
    return check(Event.model_validate({**event, "receivedAt": now, "source": "web"}))


def names(events: list[dict[str, Any]]) -> list[str]:
    return [event.get("event") or event["type"] for event in events]


async def test_who_allows_it_is_heard_and_may_use_the_keyboard_alone(
    browser: Browser, web: Web, profiles: FakeProfiles
) -> None:
    visitor = await visit(browser, web.url)
    page = visitor.page
    for choice in ("Allow", "No, thanks"):  # the first of all that can be reached
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name=choice)).to_be_focused()
    await look_around(page)
    await page.get_by_role("button", name="Allow").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("region", name="May we note what you look at?")).to_be_hidden()
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.get_by_text("What you look at is noted.")).to_be_attached()
    events = await arrived(profiles, 5)
    assert names(events) == ["page", "Product Viewed", "Product Added", "Cart Viewed", "Product Removed"]
    assert events[1]["properties"] == {
        "sku": "HV-HP-01",
        "name": "Thrumm Drift 5 Wireless Headphones",
        "category": "headphones",
        "price": 149,
        "currency": "GBP",
    }
    assert [problem for event in events for problem in problems_of(event)] == []
    assert visitor.wrong == []


async def test_who_says_no_is_not_heard_until_they_change_their_mind(
    browser: Browser, web: Web, profiles: FakeProfiles
) -> None:
    page = (await visit(browser, web.url)).page
    await page.get_by_role("button", name="No, thanks").click()
    await look_around(page)
    await page.reload()
    await expect(page.locator(".persona")).to_have_count(9)
    await expect(page.get_by_role("region", name="May we note what you look at?")).to_be_hidden()
    await page.evaluate('dispatchEvent(new Event("pagehide"))')
    assert profiles.batches == []
    await page.get_by_role("button", name="What we note about you").click()
    await expect(page.get_by_text("May we note what you look at?")).to_be_focused()
    await expect(page.get_by_role("button", name="No, thanks")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="Allow").click()
    await expect(page.get_by_role("button", name="What we note about you")).to_be_focused()
    await look_around(page)
    assert names(await arrived(profiles, 1))[0] == "Product Viewed"


async def test_who_chats_as_a_customer_is_heard_as_this_customer(
    browser: Browser, web: Web, profiles: FakeProfiles
) -> None:
    visitor = await visit(browser, web.url)
    await visitor.page.get_by_role("button", name="Allow").click()
    before = (await arrived(profiles, 1))[0]
    await visitor.become("Maria Hartley")
    identified = (await arrived(profiles, 2))[-1]
    assert (identified["type"], identified["userId"]) == ("identify", "C000001")
    assert identified["anonymousId"] == before["anonymousId"]


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
async def test_there_is_no_barrier_that_axe_finds(
    browser: Browser, web: Web, width: int, scheme: ColorScheme
) -> None:
    visitor: Visit = await visit(browser, web.url, width, scheme)
    page = visitor.page
    await page.get_by_role("button", name="Details of Thrumm Drift 5").click()
    await page.get_by_role("button", name="Add to basket: Thrumm Longboard").click()
    await page.get_by_text("Your basket: 1 item").click()
    await expect(page.get_by_role("button", name="Allow")).to_be_visible()
    assert await visitor.barriers() == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
