"""The help centre: every page as HTML that any browser and screen reader can read, and nothing but text in it."""

import re

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from common.help_pages import HelpPage, read_help_pages
from tests.browser import visit
from tests.web.conftest import Web
from tests.web.servers import FakeBot, answer_to
from web.help.rendering import sections_of, to_html
from web.help.routes import DATA

PAGES = read_help_pages(DATA)
CARD = {
    "kind": "help",
    "title": "Descaling a kettle",
    "page": "Descaling kettles and coffee machines",
    "url": "/help/descaling#descaling-a-kettle",
    "lines": ["Last updated 21 September 2026"],
}


@pytest_asyncio.fixture(loop_scope="session")
async def bot() -> FakeBot:
    bot = FakeBot()

    async def answer(turn: dict[str, object]) -> object:
        elsewhere = {**CARD, "title": "Elsewhere", "url": "https://elsewhere.example/help/descaling"}
        return answer_to(turn, {"text": "Use one sachet.", "cards": [CARD, elsewhere]})

    bot.on["how do I descale it"] = answer
    return bot


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
async def test_each_page_is_shown_with_its_title_day_and_sections(web: Web, page: HelpPage) -> None:
    shown = await web.http.get(f"/help/{page.slug}")
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert f'datetime="{page.updated}"' in shown.text
    assert shown.text.count("<h1>") == 1
    for section in sections_of(page.text):
        assert f'<a href="#{section.anchor}">' in shown.text
        assert shown.text.count(f'<h2 id="{section.anchor}">') == 1
    assert "{{" not in shown.text and "{%" not in shown.text


async def test_all_pages_are_listed(web: Web) -> None:
    listed = (await web.http.get("/help/")).text
    assert set(re.findall(r'href="/help/([\w-]+)"', listed)) == set(PAGES)


async def test_an_unknown_page_says_so_and_leads_on(web: Web) -> None:
    unknown = await web.http.get("/help/no-such-page")
    assert unknown.status_code == 404
    assert "There is no such page" in unknown.text
    assert 'href="/help/"' in unknown.text


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[press me](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![a picture](https://elsewhere.example/pixel.png)",
        '## "><script>alert(1)</script>',
    ],
)
def test_no_markup_but_markdowns_own_gets_into_a_page(text: str) -> None:
    html = to_html(text)
    assert not re.search(r"<(?!/?(h2|p|a)\b)", html)
    assert "javascript:" not in re.sub(r">[^<]*<", "><", html)
    assert "onerror" not in re.sub(r">[^<]*<", "><", html)


async def test_a_card_in_the_chat_leads_to_the_place_on_the_page(browser: Browser, web: Web) -> None:
    visitor = await visit(browser, web.url)
    await visitor.become("Just visiting")
    await visitor.write("how do I descale it")
    await visitor.sees("Use one sachet.")
    assert await visitor.barriers() == []
    async with visitor.page.context.expect_page() as opened:
        await visitor.page.get_by_role("link", name="Descaling a kettle").click()
    page = await opened.value
    await expect(page.get_by_role("heading", name="Descaling a kettle")).to_be_in_viewport()
    assert page.url == f"{web.url}/help/descaling#descaling-a-kettle"
    assert visitor.wrong == []


async def test_a_card_never_links_to_another_site(browser: Browser, web: Web) -> None:
    visitor = await visit(browser, web.url)
    await visitor.become("Just visiting")
    await visitor.write("how do I descale it")
    await expect(visitor.page.get_by_text("Elsewhere")).to_be_visible()
    assert await visitor.page.get_by_role("link", name="Elsewhere").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_there_is_no_barrier_on_a_page_that_axe_finds(
    browser: Browser, web: Web, width: int, scheme: str
) -> None:
    visitor = await visit(browser, web.url, width, "dark" if scheme == "dark" else "light")
    for address in ("/help/", "/help/payments#paying-with-paypal", "/help/no-such-page"):
        await visitor.page.goto(web.url + address)
        assert await visitor.barriers() == []
        assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= width
