"""Trainers change what the assistant says: seen as every persona would read it, then published."""

import pytest
from playwright.async_api import expect

from tests.browser import ColorScheme
from tests.web.console.conftest import SCREENSHOTS
from tests.web.console.training.conftest import Room, Teach
from tests.web.training.conftest import ConsentingProfiles

pytestmark = pytest.mark.timeout(300)
PATH = "data/variants/greeting.yml"


async def test_a_reply_is_previewed_for_everyone_before_it_is_saved(
    teach: Teach, room: Room, profiles: ConsentingProfiles
) -> None:
    profiles.attributes["personalisation"] = {"first_name": "Maria", "tier": "gold", "segment": "casual"}
    before = room.text(PATH)
    tess = await teach("/training/replies/utter_thanks")
    text = tess.page.get_by_label("Default and variants")
    old = await text.input_value()
    await text.fill(old.replace("for one of our gold", "for a golden one of our"))
    await tess.press("Preview for everyone")
    readers = tess.page.locator(".reader")
    await expect(readers).to_have_count(9, timeout=60_000)
    await expect(readers.first).to_contain_text("Maria Hartley")
    await expect(readers.first).to_contain_text("for a golden one of our")
    await expect(readers.last).to_contain_text("Anonymous visitor")
    assert room.text(PATH) == before
    # A condition that can't be read is told at its line, with the text kept.
    faulty = old.replace("customer.tier", "customer.rank")
    await text.fill(faulty)
    await tess.press("Save…")
    await expect(tess.page.locator(".gutter .faulty").first).to_be_visible(timeout=60_000)
    number = int(await tess.page.locator(".gutter .faulty").first.inner_text())
    assert "customer.tier" in before.splitlines()[number - 1]
    await expect(text).to_have_value(faulty)
    await text.fill(old.replace("for one of our gold", "for a golden one of our"))
    await tess.press("Save…")
    dialog = tess.page.get_by_role("dialog", name="Save these changes")
    await dialog.get_by_role("button", name="Save", exact=True).click(timeout=60_000)
    await tess.told(f"Saved: {PATH}")
    assert room.text(PATH) == before.replace("for one of our gold", "for a golden one of our")
    assert (tess.wrong, tess.elsewhere) == ([], [])


async def test_publishing_checks_first_and_says_what_changed(teach: Teach, room: Room) -> None:
    tess = await teach("/training/replies")
    await tess.press("Publish…")
    dialog = tess.page.get_by_role("dialog", name="Publish the replies")
    await expect(dialog).to_contain_text("All is well", timeout=60_000)
    await dialog.get_by_role("button", name="Publish", exact=True).click()
    await tess.told("is live; before it was none.")
    await expect(tess.page.get_by_text("Nothing was edited here since then.")).to_be_visible()

    file = room.repository / PATH
    text = file.read_text()
    file.write_text(text.replace("for one of our gold", "for a golden one of our"))
    await tess.press("Publish…")
    thanks = dialog.get_by_role("region", name="Thanks")
    words = thanks.get_by_role("group", name="Thanks, Gold: Text")
    await expect(words).to_contain_text("Live now", timeout=60_000)
    await expect(words.locator("del")).to_contain_text(["gold"])
    await expect(words.locator("ins")).to_contain_text(["golden"])
    await dialog.get_by_role("button", name="Publish", exact=True).click()
    await expect(tess.page.get_by_text("What it changed")).to_be_visible(timeout=60_000)
    await expect(tess.page.get_by_role("region", name="Thanks")).to_contain_text("Was live")

    await tess.press("Roll back…")
    back = tess.page.get_by_role("dialog", name="Roll back the replies")
    await expect(back).to_contain_text("Brings back version", timeout=60_000)
    await expect(back.get_by_role("region", name="Thanks").locator("ins")).to_contain_text(["gold"])
    await back.get_by_role("button", name="Roll back", exact=True).click()
    await tess.told("Rolled back: version")

    file.write_text(text)
    file.write_text(file.read_text().replace("customer.tier", "customer.rank"))
    await tess.press("Publish…")
    await tess.told("nothing was published.")
    await expect(tess.page.get_by_role("link", name=f"{PATH}, line").first).to_be_visible()
    assert (tess.wrong, tess.elsewhere) == ([], [])


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_what_a_publication_changes_has_no_barrier_and_fits_the_screen(
    teach: Teach, room: Room, width: int, scheme: ColorScheme
) -> None:
    tess = await teach("/training/replies", width, scheme)
    dialog = tess.page.get_by_role("dialog", name="Publish the replies")
    publish = dialog.get_by_role("button", name="Publish", exact=True)
    await tess.press("Publish…")
    await publish.click(timeout=60_000)
    await tess.told("is live")
    for old, new in (
        ("for one of our gold", "for a golden one of our"),
        ("name: angry", "name: furious"),
        (
            '{attribute: customer.tier, op: "==", value: gold}',
            "{attribute: customer.orders_total, op: '>', value: 20}",
        ),
    ):
        file = room.repository / PATH
        file.write_text(file.read_text().replace(old, new, 1))
    await tess.press("Publish…")
    await expect(dialog.get_by_role("region").first).to_be_visible(timeout=60_000)
    await tess.page.screenshot(path=SCREENSHOTS / f"publishing-{width}.png")
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    # However long it is, what decides is in sight.
    await expect(publish).to_be_in_viewport(ratio=1)
    await publish.focus()
    await tess.page.keyboard.press("Enter")
    thanks = tess.page.get_by_role("region", name="Thanks")
    await expect(thanks.get_by_text("Was live").first).to_be_visible(timeout=60_000)
    await expect(dialog).to_be_hidden()
    await thanks.scroll_into_view_if_needed()
    await tess.page.screenshot(path=SCREENSHOTS / f"published-{width}.png")
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    assert (tess.wrong, tess.elsewhere) == ([], [])


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_the_pages_of_the_replies_have_no_barrier_and_fit_the_screen(
    teach: Teach, profiles: ConsentingProfiles, width: int, scheme: ColorScheme
) -> None:
    profiles.attributes["personalisation"] = {"first_name": "Maria", "tier": "gold", "segment": "casual"}
    tess = await teach("/training/replies", width, scheme)
    await expect(tess.page.locator(".entry").first).to_be_visible()
    SCREENSHOTS.mkdir(exist_ok=True)
    await tess.page.screenshot(path=SCREENSHOTS / f"replies-{width}.png", full_page=True)
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    await tess.open("/training/replies/utter_thanks")
    await tess.page.get_by_label("Messages before it").fill("2")
    await tess.press("Preview for everyone")
    await expect(tess.page.locator(".reader")).to_have_count(9, timeout=60_000)
    await tess.page.screenshot(path=SCREENSHOTS / f"reply-{width}.png", full_page=True)
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    assert (tess.wrong, tess.elsewhere) == ([], [])
