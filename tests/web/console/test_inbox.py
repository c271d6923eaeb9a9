"""The list of conversations: who waits first, narrowed as one likes, up to date without losing one's place."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser import ColorScheme
from tests.web.conftest import Settings, Web, started
from tests.web.console.conftest import SCREENSHOTS, Arrive
from tests.web.desk import employ, seated
from tests.web.servers import FakeBot
from tests.web.talk import begin
from web.agents.inbox import Filters, Inbox
from web.agents.schemas import ConversationList

#: A browser, a console and a server share the cores with whatever else runs.
pytestmark = pytest.mark.timeout(300)

ANGRY = "this is a disgrace, the kettle broke again"
PERSON = "I want to talk to a person"
#: Keeps in `window.mostRows` how many rows the list has had since.
_COUNT_ROWS = """
    const list = document.querySelector("[data-rows]");
    window.mostRows = list.children.length;
    new MutationObserver(() => (window.mostRows = Math.max(window.mostRows, list.children.length))).observe(
      list, { childList: true });
"""


async def test_the_angry_who_wait_are_on_top_and_the_title_counts(
    web: Web, arrive: Arrive, moods: FakeBot
) -> None:
    await employ(web, "sam")
    for customer_id, text in (("C000001", "hello"), ("C000002", PERSON), ("C000003", ANGRY)):
        await (await begin(web.http, customer_id)).say(text)
    sam = await arrive()
    await sam.sign_in("sam")
    await expect(sam.rows).to_have_count(3)
    await expect(sam.rows.nth(0)).to_contain_text("Angry")
    await expect(sam.rows.nth(1)).to_contain_text("Waiting for a person")
    await expect(sam.rows.nth(2)).to_contain_text("With the assistant")
    await expect(sam.page).to_have_title("(2) Conversations · Rapport")
    assert sam.wrong == []


async def test_who_begins_to_wait_appears_without_taking_the_focus(
    web: Web, arrive: Arrive, moods: FakeBot
) -> None:
    await employ(web, "sam")
    first, second = [await begin(web.http, customer_id) for customer_id in ("C000001", "C000002")]
    sam = await arrive()
    await sam.sign_in("sam")
    await expect(sam.rows).to_have_count(2)
    await sam.page.keyboard.press("j")
    await sam.page.keyboard.press("j")
    focused = sam.page.locator("a:focus")
    path = await focused.get_attribute("href")
    moved = second if path and path.endswith(first.conversation_id) else first
    await moved.say(PERSON)
    await expect(sam.rows.first).to_contain_text("Waiting for a person")
    await expect(sam.page.get_by_role("status").get_by_text("is waiting for a person")).to_be_visible()
    await expect(sam.page).to_have_title("(1) Conversations · Rapport")
    await expect(focused).to_have_attribute("href", path or "")
    await (second if moved is first else first).say(ANGRY)
    await expect(sam.rows.first).to_contain_text("Angry")
    await expect(focused).to_have_attribute("href", path or "")
    assert sam.wrong == []


async def test_keys_lead_to_a_conversation_and_can_be_turned_off(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    for customer_id in ("C000001", "C000002"):
        await begin(web.http, customer_id)
    sam = await arrive()
    await sam.sign_in("sam")
    await expect(sam.rows).to_have_count(2)
    keyboard = sam.page.keyboard
    await keyboard.press("?")
    await expect(sam.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    await sam.page.get_by_label("Use keys of one letter or sign").uncheck()
    await keyboard.press("Escape")
    await expect(sam.page.get_by_role("dialog")).to_have_count(0)
    await keyboard.press("j")
    await expect(sam.page.locator("a[data-row]:focus")).to_have_count(0)
    await sam.press("Keyboard help")
    await sam.page.get_by_label("Use keys of one letter or sign").check()
    await keyboard.press("Escape")
    await keyboard.press("j")
    await expect(sam.rows.first).to_be_focused()
    await keyboard.press("ArrowDown")
    await expect(sam.rows.nth(1)).to_be_focused()
    await keyboard.press("k")
    await expect(sam.rows.first).to_be_focused()
    path = await sam.rows.first.get_attribute("href")
    await keyboard.press("Enter")
    await expect(sam.page).to_have_url(f"{sam.console}{path}")


async def test_the_list_is_narrowed_and_remembers_how(web: Web, arrive: Arrive, moods: FakeBot) -> None:
    await employ(web, "sam")
    noor = await seated(web, "noor")
    angry, calm = [await begin(web.http, customer_id) for customer_id in ("C000001", "C000002")]
    await angry.say(ANGRY)
    await calm.say("where is my blender?")
    await noor.take(calm)
    sam = await arrive()
    await sam.sign_in("sam")
    await expect(sam.rows).to_have_count(2)
    await sam.page.get_by_label("Mood").select_option("Angry")
    await expect(sam.rows).to_have_count(1)
    await expect(sam.rows).to_contain_text("Complaint")
    await sam.press("Clear filters")
    await expect(sam.rows).to_have_count(2)
    await sam.page.get_by_label("Search").fill("blender")
    await expect(sam.rows).to_have_count(1)
    await expect(sam.rows).to_contain_text("With Noor")
    await expect(sam.page).to_have_url(f"{sam.console}/conversations?text=blender")
    await sam.page.reload()
    await expect(sam.page.get_by_label("Search")).to_have_value("blender")
    await expect(sam.rows).to_have_count(1)
    await sam.page.get_by_label("Only mine").check()
    await expect(sam.page.get_by_text("Nothing fits these filters")).to_be_visible()


async def test_an_answer_to_earlier_filters_that_comes_late_is_not_shown(
    web: Web, arrive: Arrive, moods: FakeBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    await employ(web, "sam")
    first, second, third = [
        await begin(web.http, customer_id) for customer_id in ("C000001", "C000002", "C000003")
    ]
    await first.say(ANGRY)
    sam = await arrive()
    await sam.sign_in("sam")
    await expect(sam.rows).to_have_count(3)
    read = Inbox.page
    asked, answered, late_is_there = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def page(self: Inbox, filters: Filters, cursor: str | None, limit: int) -> ConversationList:
        found = await read(self, filters, cursor, limit)
        if filters.mood is None and not asked.is_set():
            asked.set()
            await answered.wait()
            late_is_there.set()
        return found

    monkeypatch.setattr(Inbox, "page", page)
    await second.say("hello?")
    await asked.wait()
    await sam.page.get_by_label("Mood").select_option("Angry")
    await expect(sam.rows).to_have_count(1)
    await sam.page.evaluate(_COUNT_ROWS)
    answered.set()
    await late_is_there.wait()
    # That this is shown tells that the late answer has been dealt with: one is read after the other.
    await third.say(ANGRY)
    await expect(sam.rows).to_have_count(2)
    assert await sam.page.evaluate("window.mostRows") == 2


async def test_when_the_server_is_away_it_is_said_and_caught_up_with(
    settings: Settings, ports: dict[str, int], arrive: Arrive, moods: FakeBot
) -> None:
    sam = await arrive()
    interrupted = sam.page.get_by_text("Live updates are interrupted.")
    async with started(settings(), ports["web"]) as web:
        await employ(web, "sam")
        await sam.sign_in("sam")
        await expect(sam.page.get_by_text("No conversations yet")).to_be_visible()
    await expect(interrupted).to_be_visible()
    async with started(settings(), ports["web"]) as web:
        await (await begin(web.http, "C000001")).say(PERSON)
        await expect(sam.rows).to_have_count(1, timeout=15_000)
        await expect(interrupted).to_be_hidden()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_the_list_has_no_barrier_and_fits_the_screen(
    web: Web, arrive: Arrive, moods: FakeBot, width: int, scheme: ColorScheme
) -> None:
    await employ(web, "sam")
    noor = await seated(web, "noor")
    for customer_id, text in (
        (
            "C000001",
            "hello, when will my kettle come, it should have been here on Friday and I have waited in all day",
        ),
        ("C000002", PERSON),
        ("C000003", ANGRY),
        ("C000004", "I want to send the kettle back"),
    ):
        talk = await begin(web.http, customer_id)
        await talk.say(text)
    await noor.take(talk)
    sam = await arrive(width, scheme)
    await sam.open("/")
    await sam.reads("Sign in")
    assert await sam.barriers() == []
    SCREENSHOTS.mkdir(exist_ok=True)
    await sam.page.screenshot(path=SCREENSHOTS / f"sign-in-{width}.png")
    await sam.sign_in("sam")
    await expect(sam.rows).to_have_count(4)
    assert await sam.barriers() == []
    assert await sam.overflow() <= 0
    await sam.page.screenshot(path=SCREENSHOTS / f"inbox-{width}.png", full_page=True)
    await sam.press("Keyboard help")
    assert await sam.barriers() == []
    await sam.page.screenshot(path=SCREENSHOTS / f"help-{width}.png")
    assert (sam.wrong, sam.elsewhere) == ([], [])
