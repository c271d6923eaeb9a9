"""Customers open the preference centre from the chat, and what they change there is kept by the profile service."""

import pytest
from playwright.async_api import Browser, Page, expect

from profiles.store import Store
from tests.browser import ColorScheme, Visit, visit
from tests.web.conftest import Web
from tests.web.desk import seated


async def opened(browser: Browser, web: Web, width: int = 1440, scheme: ColorScheme = "light") -> Visit:
    """The page as Maria opens it from her chat, in which she wrote something."""
    body = {"customer_id": "C000001"}
    begun = (await web.http.post("/api/conversations", json=body)).json()
    headers = {"Authorization": f"Bearer {begun['token']}"}
    messages = f"/api/conversations/{begun['conversation_id']}/messages?wait=true"
    await web.http.post(messages, json={"text": "hello"}, headers=headers)
    return await entered(browser, f"{web.url}/preferences#session={begun['token']}", width, scheme)


async def entered(browser: Browser, url: str, width: int = 1440, scheme: ColorScheme = "light") -> Visit:
    context = await browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, reduced_motion="reduce"
    )
    visitor = Visit(await context.new_page())
    await visitor.page.goto(url)
    await expect(visitor.page.get_by_role("heading", name="This device")).to_be_visible()
    return visitor


async def hears(page: Page, text: str) -> None:
    await expect(page.locator("#said")).to_contain_text(text)


async def test_the_widget_opens_it_for_the_customer_who_chats(browser: Browser, web: Web) -> None:
    visitor = await visit(browser, web.url)
    await visitor.become("Maria Hartley")
    await visitor.sees("Hello!")
    async with visitor.page.context.expect_page() as coming:
        await visitor.page.get_by_role("link", name="Your preferences").click()
    page = await coming.value
    await expect(page.get_by_role("heading", name="What we may do")).to_be_visible()
    assert page.url == f"{web.url}/preferences"
    await page.reload()
    await expect(page.get_by_role("switch", name="Answers made for you")).to_be_checked()
    assert visitor.wrong == []


async def test_who_has_been_served_is_asked_how_it_went(browser: Browser, web: Web) -> None:
    sam = await seated(web, "sam")
    visitor = await visit(browser, web.url, 390)
    await visitor.become("Maria Hartley")
    await visitor.write("thank you")
    await visitor.sees("thank you!")
    (conversation,) = (await sam.listed())["conversations"]
    path = f"conversations/{conversation['conversation_id']}"
    await sam.ask("POST", f"{path}/take", json={"epoch": conversation["epoch"]})
    await sam.ask("POST", f"{path}/close", json={"outcome": "resolved"})
    invited = visitor.page.get_by_role("link", name="How did we do?")
    await expect(invited).to_be_visible()
    assert await visitor.barriers() == []
    async with visitor.page.context.expect_page() as coming:
        await invited.click()
    page = await coming.value
    await expect(page.get_by_role("heading", name="How did we do?")).to_be_visible()


async def test_a_refusal_is_kept_at_once_said_aloud_and_undone(
    browser: Browser, web: Web, store: Store
) -> None:
    page = (await opened(browser, web)).page
    switch = page.get_by_role("switch", name="Answers made for you")
    await expect(page.get_by_text("(sign-up form)").first).to_be_visible()
    await switch.focus()
    await page.keyboard.press("Space")
    await hears(page, "Saved. Answers made for you is off. You can undo this.")
    assert (await store.view("C000001", "personalisation")).attributes == {}
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Undo: Answers made for you")).to_be_focused()
    await page.keyboard.press("Enter")
    await hears(page, "Answers made for you is on.")
    await expect(switch).to_be_focused()
    await expect(switch).to_be_checked()
    assert (await store.view("C000001", "service")).consent["personalisation"] is True


async def test_a_preference_is_kept_and_undoing_it_gives_the_shops_word_back(
    browser: Browser, web: Web, store: Store
) -> None:
    page = (await opened(browser, web)).page
    group = page.get_by_role("group", name="How should we reach you?")
    await expect(group).to_contain_text("Until you choose we go by “Chat” (your account in the shop")
    await group.get_by_role("radio", name="Phone call").check()
    await hears(page, "Phone call")
    assert (await store.view("C000001", "service")).attributes["preferred_channel"] == "phone"
    await group.get_by_role("button", name="Undo").click()
    await hears(page, "No preference")
    assert (await store.view("C000001", "service")).attributes["preferred_channel"] == "chat"


async def test_several_interests_are_kept_in_the_order_of_clicks(
    browser: Browser, web: Web, store: Store
) -> None:
    page = (await opened(browser, web)).page
    group = page.get_by_role("group", name="What are you interested in?")
    for name in ("Kitchen", "Headphones and sound", "Smart home"):
        await group.get_by_role("checkbox", name=name).check()
    await group.get_by_role("checkbox", name="Kitchen").uncheck()
    await hears(page, "Saved. What are you interested in? Headphones and sound, Smart home.")
    view = await store.view("C000001", "personalisation")
    assert view.attributes["interests"] == ["sound", "smart home"]


async def test_a_survey_asks_for_what_is_missing_and_thanks(browser: Browser, web: Web) -> None:
    page = (await opened(browser, web)).page
    survey = page.locator("form", has=page.get_by_role("heading", name="How did we do?"))
    await survey.get_by_role("button", name="Send answers").click()
    await hears(page, "Please answer: How satisfied are you")
    await page.keyboard.press("Space")
    await survey.get_by_role("radio", name="Satisfied", exact=True).check()
    await survey.get_by_label("What was missing").fill("Nothing <b>at all</b>")
    await survey.get_by_role("button", name="Send answers").click()
    await hears(page, "Thank you. Your answer is saved.")


async def test_what_could_not_be_kept_is_put_back_and_said(browser: Browser, web: Web) -> None:
    page = (await opened(browser, web)).page
    await page.route("**/api/preferences/consents/*", lambda route: route.abort())
    switch = page.get_by_role("switch", name="News and offers")
    await switch.click()
    await hears(page, "Not saved. We can't be reached just now.")
    await expect(switch).not_to_be_checked()
    await page.unroute("**/api/preferences/consents/*")
    await page.get_by_role("button", name="Try again: News and offers").click()
    await hears(page, "Saved. News and offers is on.")
    await expect(switch).to_be_checked()


async def test_whom_nobody_knows_decides_for_the_device_only(browser: Browser, web: Web) -> None:
    visitor = await entered(browser, f"{web.url}/preferences")
    page = visitor.page
    await expect(page.get_by_text("We don't know who you are here")).to_be_visible()
    await expect(page.get_by_role("switch")).to_have_count(1)
    await page.get_by_role("switch", name="Noting what you look at").click()
    await hears(page, "Noting what you look at is on.")
    await page.reload()
    await expect(page.get_by_role("switch", name="Noting what you look at")).to_be_checked()
    assert await visitor.barriers() == []
    assert visitor.wrong == []


async def test_a_session_that_is_over_is_said_to_be(browser: Browser, web: Web) -> None:
    page = (await entered(browser, f"{web.url}/preferences#session=no.good.token")).page
    await expect(page.get_by_role("alert")).to_contain_text("Open this page from the chat again")


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
)
async def test_there_is_no_barrier_that_axe_finds(
    browser: Browser, web: Web, width: int, scheme: ColorScheme
) -> None:
    visitor = await opened(browser, web, width, scheme)
    await visitor.page.get_by_role("switch", name="News and offers").click()
    await hears(visitor.page, "Saved.")
    assert await visitor.barriers() == []
    assert await visitor.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visitor.wrong == []
