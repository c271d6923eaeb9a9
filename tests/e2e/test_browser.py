"""The whole way, seen: somebody opens the page, is somebody, asks, comes back."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from ops.stack import Stack
from tests.browser import Visit, visit

SCREENSHOTS = Path(__file__).parent / "screenshots"


async def _greeted(visitor: Visit, name: str) -> str:
    """Become a persona and say hello; the answer to it."""
    await visitor.become(name)
    replies = visitor.page.get_by_role("log").locator("[data-role=bot]")
    await expect(replies).not_to_have_count(0)
    before = await replies.count()
    await visitor.write("hello")
    await expect(replies).to_have_count(before + 1)
    return await replies.last.inner_text()


async def test_two_customers_say_the_same_and_get_two_variants(browser: Browser, stack: Stack) -> None:
    heard = []
    for name in ("Maria Hartley", "Derek Oyelaran"):
        visitor = await visit(browser, stack.url("web"))
        heard.append(await _greeted(visitor, name))
        await visitor.page.get_by_role("button", name="Why this reply?").last.click()
        why = visitor.page.get_by_role("dialog", name="Why this reply?")
        await expect(why).to_contain_text("wording")
        assert visitor.wrong == []
    assert heard[0] != heard[1]


async def test_after_a_reload_the_conversation_is_there_again(browser: Browser, stack: Stack) -> None:
    visitor = await visit(browser, stack.url("web"))
    await visitor.become("Priya Menon")
    await visitor.write("where is my order?")
    card = visitor.page.get_by_role("log").get_by_text("RP-100301").first
    await expect(card).to_be_visible()
    before = await visitor.page.get_by_role("log").inner_text()
    await visitor.page.reload()
    await expect(card).to_be_visible()
    assert await visitor.page.get_by_role("log").inner_text() == before
    await visitor.write("thank you")
    await expect(visitor.page.get_by_role("log").get_by_text("thank you", exact=True)).to_be_visible()
    assert visitor.wrong == []


@pytest.mark.parametrize("width", [1440, 390])
async def test_a_conversation_has_no_barrier_and_fits_the_screen(
    browser: Browser, stack: Stack, width: int
) -> None:
    visitor = await visit(browser, stack.url("web"), width)
    await visitor.become("Maria Hartley")
    await visitor.write("where is order RP-100103?")
    await expect(visitor.page.get_by_role("log").get_by_text("step 3 of 5")).to_be_visible()
    SCREENSHOTS.mkdir(exist_ok=True)
    await visitor.page.screenshot(path=SCREENSHOTS / f"conversation-{width}.png")
    assert await visitor.barriers() == []
    overflow = await visitor.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0
