"""The parts of which every page is made: without barriers, in light and dark, on wide and narrow screens."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Browser, expect

from tests.browser import ColorScheme
from tests.web.console.conftest import SCREENSHOTS, Staff, process

#: A browser, a console and a server share the cores with whatever else runs.
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="session")
def gallery(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = ports["gallery"]
    arguments = ["tests.web.console.gallery", str(port)]
    with process(arguments, f"http://127.0.0.1:{port}", ports, tmp_path_factory.mktemp("gallery")) as url:
        yield url


async def _look(
    browser: Browser,
    gallery: str,
    width: int = 1440,
    scheme: ColorScheme = "light",
    *,
    page: str = "Gallery",
    path: str = "/gallery",
) -> Staff:
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    reader = Staff(await context.new_page(), gallery)
    await reader.open(path)
    await reader.reads(page)
    return reader


async def test_no_part_has_a_barrier(browser: Browser, gallery: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    schemes: tuple[ColorScheme, ...] = ("light", "dark")
    for scheme in schemes:
        for width in (1440, 390):
            reader = await _look(browser, gallery, width, scheme)
            await reader.press("Say something")
            await reader.press("Fail")
            await expect(reader.page.get_by_role("status").get_by_text("The server is away.")).to_be_visible()
            assert await reader.barriers() == []
            assert await reader.overflow() <= 0
            await reader.page.screenshot(path=SCREENSHOTS / f"kit-{width}-{scheme}.png", full_page=True)
            assert (reader.wrong, reader.elsewhere) == ([], [])


async def test_a_keyboard_alone_is_enough(browser: Browser, gallery: str) -> None:
    page = (await _look(browser, gallery)).page
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Take over")).to_be_focused()


async def test_a_dialog_holds_the_focus_and_gives_it_back(browser: Browser, gallery: str) -> None:
    page = (await _look(browser, gallery)).page
    ask = page.get_by_role("button", name="Close", exact=True)
    await ask.focus()
    await page.keyboard.press("Enter")
    question = page.get_by_role("alertdialog", name="Close it?")
    await expect(question).to_have_accessible_description("It can't be opened again.")
    for _ in range(4):
        await page.keyboard.press("Tab")
        assert await question.evaluate(
            "node => node.contains(document.activeElement) || document.activeElement === document.body"
        )
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("confirmed: False")).to_be_visible()
    await expect(ask).to_be_focused()
    await page.keyboard.press("Enter")
    await question.get_by_role("button", name="Close it", exact=True).click()
    await expect(page.get_by_text("confirmed: True")).to_be_visible()


async def test_a_form_sends_what_is_in_it_and_says_what_is_wrong(browser: Browser, gallery: str) -> None:
    page = (await _look(browser, gallery)).page
    name = page.get_by_label("Name")
    await page.get_by_role("button", name="Save").click()
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description("As customers read it. Enter a name.")
    await name.fill("Maria")
    await page.get_by_label("Only mine").check()
    await page.get_by_label("Mood").select_option("Angry")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Save").click()
    await expect(
        page.get_by_text("[('mine', 'on'), ('mood', 'angry'), ('name', 'Maria'), ('text', 'as it was')]")
    ).to_be_visible()
    await expect(name).to_have_value("Maria")
    await expect(name).not_to_have_attribute("aria-invalid", "true")


async def test_values_and_progress_are_told_to_screen_readers(browser: Browser, gallery: str) -> None:
    page = (await _look(browser, gallery)).page
    await expect(page.get_by_role("progressbar", name="Training")).to_have_attribute("value", "42")
    table = page.get_by_role("table", name="Orders")
    await expect(table.get_by_role("columnheader")).to_have_text(["Order", "Status", "Total"])
    await expect(table.get_by_role("rowheader")).to_have_text(["RP-100103", "RP-100104"])


async def test_the_customer_is_shown_with_orders_contacts_and_consent(browser: Browser, gallery: str) -> None:
    reader = await _look(browser, gallery, 390, page="Customer", path="/customer")
    page = reader.page
    for heading in ("Customer", "Orders", "Earlier contacts", "Consent"):
        await expect(page.get_by_role("heading", name=heading, level=2)).to_be_visible()
    await page.get_by_text("Why this segment?").click()
    await expect(page.get_by_text("she spent 3,120.50")).to_be_visible()
    await expect(page.get_by_text("RP-100105")).to_be_visible()
    await expect(page.get_by_text("RP-100106")).to_be_hidden()
    await page.get_by_text("Older orders (1)").click()
    await expect(page.get_by_text("RP-100106")).to_be_visible()
    await expect(page.get_by_role("link", name="Billing, handed off")).to_have_attribute(
        "href", "/conversations/7f0c2b52"
    )
    await page.screenshot(path=SCREENSHOTS / "customer-whole-390.png", full_page=True)
    assert await reader.barriers() == []
    assert await reader.overflow() <= 0


async def test_a_part_of_the_customer_that_is_away_is_named(browser: Browser, gallery: str) -> None:
    reader = await _look(browser, gallery, page="Customer", path="/customer-in-part")
    for part in ("Name, e-mail and phone", "Segment, attributes and consent", "Orders"):
        await expect(reader.page.get_by_text(f"{part} can't be read just now.")).to_be_visible()
    assert await reader.barriers() == []
