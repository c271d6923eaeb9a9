"""Trainers review what was misread: with the mouse, with keys alone, and nothing is written that they have not seen."""

import pytest
from playwright.async_api import expect

from tests.browser import ColorScheme
from tests.web.console.conftest import SCREENSHOTS
from tests.web.console.training.conftest import Room, Teach
from tests.web.training.conftest import ORDERS, Said

pytestmark = pytest.mark.timeout(240)


async def test_a_message_is_accepted_corrected_marked_dropped_and_written(
    teach: Teach, misread: Said, room: Room
) -> None:
    tess = await teach("/training/review")
    await expect(tess.messages).to_have_count(3, timeout=60_000)
    # Marked by an agent: on top, masked, with the agent's suggestion.
    await expect(tess.messages.first).to_contain_text("the toaster from [order_id] is no good")
    await expect(tess.page.get_by_text("Understood as cancel order, 93% sure.")).to_be_visible()
    await expect(tess.page.get_by_text("An agent said that it means get refund")).to_be_visible()
    assert "RP-100234" not in await tess.page.content()
    # Its words are marked as an entity: selected, then the entity chosen.
    text = tess.form.get_by_label("To be learnt, one a line")
    await text.evaluate(
        "area => { const at = area.value.indexOf('toaster'); area.focus(); area.setSelectionRange(at, at + 7); }"
    )
    await tess.form.get_by_label("Entity").select_option("product")
    await tess.press("Mark the words")
    await expect(tess.page.locator(".read mark").first).to_contain_text("toaster product")
    await tess.press("Accept: Get refund")
    await tess.told("Kept as get refund.")
    # The three that are nearly the same are one, and corrected together.
    await expect(tess.page.locator("blockquote")).to_have_text("where's my parcel got to")
    await tess.press("Save the correction")
    await expect(tess.form.get_by_role("alert")).to_have_text("Choose which intent it is first.")
    await tess.form.get_by_label("Search the intents").fill("not to come at all")
    await tess.form.get_by_role("radio").and_(tess.page.locator(":visible")).check()
    await tess.press("Save the correction")
    await tess.told("Kept as cancel order.")
    await tess.press("Drop: nothing to learn")
    await tess.told("Dropped.")
    await expect(tess.page.get_by_text("Nothing to review")).to_be_visible()
    # What would be written is shown before it is.
    await tess.press("Write 2 decisions to the data…")
    dialog = tess.page.get_by_role("dialog", name="Write to the data")
    await expect(dialog.locator(".added")).to_have_count(2, timeout=60_000)
    assert room.text("data/rasa/nlu/orders.yml") == ORDERS
    await dialog.get_by_role("button", name="Write 2 utterances").click()
    written = tess.page.locator(".written")
    await expect(written).to_contain_text(
        "Written: data/rasa/nlu/orders.yml, line 19; data/rasa/nlu/other.yml, line"
    )
    orders = room.text("data/rasa/nlu/orders.yml")
    assert orders.splitlines()[18] == "      - where's my parcel got to"
    assert "# Only what has not left yet." in orders
    assert "- the [toaster](product) from [" in room.text("data/rasa/nlu/other.yml")
    assert (tess.wrong, tess.elsewhere) == ([], [])


async def test_keys_alone_are_enough(teach: Teach, misread: Said) -> None:
    tess = await teach("/training/review")
    await expect(tess.messages).to_have_count(3, timeout=60_000)
    press = tess.page.keyboard.press
    # The message beside the list comes after it; a key pressed before has nothing to press yet.
    await expect(tess.page.get_by_role("button", name="Accept: Get refund")).to_be_visible()
    await press("a")
    await tess.told("Kept as get refund.")
    await expect(tess.page.locator("blockquote")).to_have_text("where's my parcel got to")
    # The focus comes after the text; keys pressed before would go elsewhere.
    opened = tess.page.get_by_role("heading", name="Message", exact=True)
    await expect(opened).to_be_focused()
    await press("c")
    await expect(tess.form.get_by_label("Search the intents")).to_be_focused()
    await tess.page.keyboard.type("money back asked")
    await press("Enter")
    await expect(tess.form.get_by_role("radio", name="Get refund")).to_be_checked()
    await press("Enter")
    await expect(tess.messages).to_have_count(1)
    await expect(opened).to_be_focused()
    await press("d")
    await expect(tess.page.get_by_text("Nothing to review")).to_be_visible()
    for left, decision in ((1, "dropped"), (2, "corrected to get refund")):
        await press("u")
        # While one is being taken back, a second press is not heard.
        await tess.told(f"Taken back: {decision}.")
        await expect(tess.messages).to_have_count(left)
    await press("j")
    await press("j")
    await press("Enter")
    await expect(opened).to_be_focused()
    await press("?")
    await expect(tess.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert tess.wrong == []


async def test_what_decides_is_in_sight_beside_the_message(teach: Teach, misread: Said) -> None:
    tess = await teach("/training/review")
    await expect(tess.messages).to_have_count(3, timeout=60_000)
    names = ("Accept: Get refund", "Save the correction", "Drop: nothing to learn")
    buttons = [tess.page.get_by_role("button", name=name) for name in names]
    for button in buttons:
        await expect(button).to_be_in_viewport(ratio=1)
    await tess.page.keyboard.press("c")
    search = tess.form.get_by_label("Search the intents")
    await expect(search).to_be_focused()
    for seen in (search, *buttons):
        await expect(seen).to_be_in_viewport(ratio=1)
    tops = {
        await button.evaluate("node => Math.round(node.getBoundingClientRect().top)") for button in buttons
    }
    assert len(tops) == 1, "they stand in one line"


async def test_on_a_phone_what_decides_is_in_sight_as_soon_as_a_message_is_open(
    teach: Teach, misread: Said
) -> None:
    tess = await teach("/training/review", 390)
    await tess.page.set_viewport_size({"width": 390, "height": 844})
    await expect(tess.messages).to_have_count(3, timeout=60_000)
    await tess.messages.first.click()
    for name in ("Accept: Get refund", "Save the correction", "Drop: nothing to learn"):
        await expect(tess.page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    await tess.page.screenshot(path=SCREENSHOTS / "review-decide-390.png")
    # The rest is a press away, and comes back by itself when nothing is left to decide.
    narrow = tess.page.get_by_role("search", name="Narrow the list")
    await expect(narrow).to_be_hidden()
    await tess.press("← The list")
    await expect(narrow).to_be_visible()
    await tess.messages.first.click()
    await tess.press("Accept: Get refund")
    for following in ("where's my parcel got to", "sing me a song about kettles"):
        await expect(tess.page.locator("blockquote")).to_have_text(following)
        await tess.press("Drop: nothing to learn")
    await expect(tess.page.get_by_text("Nothing to review")).to_be_visible()
    await expect(tess.page.get_by_role("button", name="Write 1 decision to the data…")).to_be_visible()


async def test_broken_markup_is_told_and_the_text_kept(teach: Teach, misread: Said) -> None:
    tess = await teach("/training/review")
    await expect(tess.messages).to_have_count(3, timeout=60_000)
    text = tess.form.get_by_label("To be learnt, one a line")
    await text.fill("i want my [money")
    await tess.press("Accept: Get refund")
    await expect(tess.form.get_by_role("alert")).to_contain_text("a “[” that belongs to no [text](entity)")
    await expect(text).to_have_value("i want my [money")
    await expect(tess.messages).to_have_count(3)


async def test_only_trainers_come_in(teach: Teach) -> None:
    tess = await teach("/training/review")
    await tess.reads("Review")
    await tess.open("/conversations")
    await tess.reads("Review")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_reviewing_has_no_barrier_and_fits_the_screen(
    teach: Teach, misread: Said, width: int, scheme: ColorScheme
) -> None:
    tess = await teach("/training/review", width, scheme)
    await expect(tess.messages).to_have_count(3, timeout=60_000)
    await expect(tess.page.get_by_label("Why it is here")).to_be_visible()
    SCREENSHOTS.mkdir(exist_ok=True)
    await tess.page.screenshot(path=SCREENSHOTS / f"review-{width}.png", full_page=True)
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    await tess.messages.nth(1).click()
    await expect(tess.page.locator("blockquote")).to_have_text("where's my parcel got to")
    await tess.page.screenshot(path=SCREENSHOTS / f"review-open-{width}.png")
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    await tess.press("Accept: Track order")
    await tess.told("Kept as track order.")
    if width < 980:
        await tess.press("← The list")
    await tess.press("Write 1 decision to the data…")
    await expect(tess.page.get_by_role("dialog").locator(".added")).to_have_count(1, timeout=60_000)
    await tess.page.screenshot(path=SCREENSHOTS / f"review-write-{width}.png")
    assert await tess.barriers() == []
    assert (tess.wrong, tess.elsewhere) == ([], [])
