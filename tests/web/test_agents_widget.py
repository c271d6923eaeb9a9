"""What a customer sees of agents, in a real browser."""

import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser import visit
from tests.web.conftest import Web
from tests.web.desk import seated
from tests.web.servers import FakeBot
from tests.web.shop_bot import shop_bot


@pytest_asyncio.fixture(loop_scope="session")
async def bot() -> FakeBot:
    return shop_bot()


async def test_the_customer_sees_who_has_joined_who_speaks_and_who_is_back(
    browser: Browser, web: Web
) -> None:
    sam = await seated(web, "sam")
    seen = await visit(browser, web.url, 1440, "light")
    await seen.become("Maria Hartley")
    await seen.sees("good to see you again")
    (conversation,) = (await sam.listed())["conversations"]
    path = f"conversations/{conversation['conversation_id']}"
    log = seen.page.get_by_role("log")

    await sam.ask("POST", f"{path}/take", json={"epoch": conversation["epoch"]})
    await seen.sees("Sam has joined.")
    for number in (1, 2):
        said = {"text": f"This is Sam, {number}", "client_id": f"s{number}"}
        await sam.ask("POST", f"{path}/messages", json=said)
    await seen.sees("This is Sam, 2")
    speakers = log.locator("article[data-role=agent] .who")
    await expect(speakers).to_have_text(["Sam:", "Sam:"])
    await expect(log.locator("article[data-role=agent] .who:not(.sr)")).to_have_count(1)

    await sam.ask("POST", f"{path}/hand-back")
    await seen.sees("The assistant is back.")
    taken = await sam.ask("GET", path)
    await sam.ask("POST", f"{path}/take", json={"epoch": taken.json()["epoch"]})
    await sam.ask("POST", f"{path}/close", json={"outcome": "resolved"})
    await seen.sees("This conversation was closed.")
    await expect(seen.page.get_by_placeholder("This conversation is closed")).to_be_disabled()
    assert seen.wrong == []
