"""The demo page and the widget in a real browser: chat, look why, come back, without a barrier."""

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser import ColorScheme, Visit, visit
from tests.web.conftest import Settings, Web, started
from tests.web.servers import FakeBot
from tests.web.shop_bot import shop_bot


@pytest_asyncio.fixture(loop_scope="session")
async def bot() -> FakeBot:
    return shop_bot()


async def _visit(browser: Browser, web: Web, width: int = 1440, scheme: ColorScheme = "light") -> Visit:
    return await visit(browser, web.url, width, scheme)


async def test_one_chats_as_a_persona_and_finds_the_conversation_after_a_reload(
    browser: Browser, web: Web
) -> None:
    visit = await _visit(browser, web)
    await visit.become("Maria Hartley")
    await visit.sees("good to see you again")
    await visit.write("Where is my order?")
    await visit.sees("RP-100103 is on its way")
    await expect(visit.page.get_by_text("step 3 of 5")).to_be_visible()
    await visit.page.reload()
    await visit.sees("RP-100103 is on its way")
    await expect(visit.page.get_by_role("log").get_by_text("Where is my order?")).to_have_count(1)
    await visit.page.get_by_role("button", name="That's all, thanks").click()
    await visit.sees("command thank")
    assert visit.wrong == []


async def test_markup_is_shown_as_it_was_typed(browser: Browser, web: Web) -> None:
    visit = await _visit(browser, web)
    await visit.become("Just visiting")
    await visit.write("<img src=x onerror=alert(1)><b>bold</b>")
    await visit.sees("<img src=x onerror=alert(1)><b>bold</b>!")
    assert await visit.page.locator("rapport-chat img, rapport-chat b").count() == 0
    assert visit.wrong == []


async def test_the_keyboard_is_enough(browser: Browser, web: Web) -> None:
    visit = await _visit(browser, web)
    await visit.page.get_by_role("button", name="Chat with us").focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_label("Your message")).to_be_focused()
    await visit.page.keyboard.type("Where is my order?")
    await visit.page.keyboard.press("Enter")
    await visit.sees("on its way")
    await visit.page.get_by_role("button", name="Why this reply?").last.focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_role("dialog", name="Why this reply?")).to_contain_text("track order")
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.get_by_role("dialog", name="Why this reply?")).to_have_count(0)
    await visit.page.get_by_label("Your message").focus()
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.get_by_role("button", name="Chat with us")).to_be_focused()


async def test_what_is_written_while_the_server_is_away_is_sent_once_it_is_back(
    browser: Browser, settings: Settings, bot: FakeBot
) -> None:
    async with started(settings()) as web:
        visit = await _visit(browser, web)
        await visit.become("Just visiting")
        await visit.sees("good to see you again")
        port = int(web.url.rsplit(":", 1)[1])
    await expect(visit.page.get_by_text("Connection lost")).to_be_visible()
    await visit.write("are you back?")
    await expect(visit.page.get_by_text("Not sent yet")).to_be_visible()
    async with started(settings(), port):
        await expect(visit.page.get_by_role("log").get_by_text("are you back?!")).to_be_visible(
            timeout=30_000
        )
    assert bot.texts() == ["are you back?"]


async def test_a_message_that_is_too_long_is_kept_and_explained(browser: Browser, web: Web) -> None:
    visit = await _visit(browser, web)
    await visit.become("Just visiting")
    await visit.write("x" * 4100)
    await expect(visit.page.get_by_text("100 characters too many")).to_be_visible()
    assert len(await visit.page.get_by_label("Your message").input_value()) == 4100


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
async def test_there_is_no_barrier_that_axe_finds(
    browser: Browser, web: Web, width: int, scheme: str
) -> None:
    visit = await _visit(browser, web, width, scheme)
    assert await visit.barriers() == []
    await visit.become("Maria Hartley")
    await visit.write("Where is my order?")
    await visit.sees("on its way")
    await visit.write("break")
    await visit.sees("something went wrong")
    assert await visit.barriers() == []
    await visit.page.get_by_role("button", name="Why this reply?").last.click()
    await expect(visit.page.get_by_role("dialog", name="Why this reply?")).to_be_visible()
    assert await visit.barriers() == []
    assert await visit.page.evaluate("document.documentElement.scrollWidth") <= width
