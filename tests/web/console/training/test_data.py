"""Trainers edit utterances and files: faults at their line, the difference before it is saved, nothing lost."""

import pytest
from playwright.async_api import expect

from tests.browser import ColorScheme
from tests.web.console.conftest import SCREENSHOTS
from tests.web.console.training.conftest import Room, Teach
from tests.web.training.conftest import ORDERS

pytestmark = pytest.mark.timeout(240)
PATH = "data/rasa/nlu/orders.yml"


async def test_an_utterance_with_a_fault_is_told_at_its_line_mended_and_saved(
    teach: Teach, room: Room
) -> None:
    tess = await teach("/training/data")
    await tess.page.get_by_label("Search the intents").fill("status")
    entries = tess.page.locator(".entry:visible")
    await expect(entries).to_have_count(1)
    await expect(entries).to_contain_text("5 utterances")
    await tess.page.get_by_role("link", name="Track order").click()
    editor = tess.page.get_by_role("form", name=PATH)
    text = editor.get_by_label("Utterances, one a line")
    await expect(text).to_have_value(
        "where is my order\nwhen does [RP-100234](order_id) arrive\ntrack my parcel\nhas it been sent yet"
    )
    broken = (
        "where is [my order\nwhere has my parcel got to\ntrack my parcel\nhas it been sent yet\ncall it off"
    )
    await text.fill(broken)
    await tess.press(f"Save {PATH}…")
    faults = editor.get_by_role("list", name="What to correct")
    await expect(faults.get_by_role("listitem")).to_have_count(3, timeout=30_000)
    await expect(faults).to_contain_text("Line 1")
    await expect(faults).to_contain_text("Line 5")
    await expect(editor.locator(".gutter .faulty")).to_have_text(["1", "5"])
    await expect(text).to_have_value(broken)
    assert room.text(PATH) == ORDERS
    await text.fill(broken.replace("[my", "my").removesuffix("\ncall it off"))
    await tess.press(f"Save {PATH}…")
    dialog = tess.page.get_by_role("dialog", name="Save these changes")
    await expect(dialog.locator(".added")).to_have_text(
        ["+      - where has my parcel got to"], timeout=30_000
    )
    await dialog.get_by_role("button", name="Save", exact=True).click()
    await tess.told(f"Saved: {PATH}, line 9.")
    assert room.text(PATH) == ORDERS.replace(
        "when does [RP-100234](order_id) arrive", "where has my parcel got to"
    )
    assert (tess.wrong, tess.elsewhere) == ([], [])


async def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(teach: Teach, room: Room) -> None:
    tess = await teach(f"/training/data/file?path={PATH}&line=10")
    text = tess.page.get_by_label("Content")
    await expect(text).to_have_value(ORDERS)
    file = room.repository / PATH
    file.write_text(ORDERS.replace("- track my parcel", "- track my parcel\n      - any sign of it"))
    mine = ORDERS.replace("call it off", "stop that order")
    await text.fill(mine)
    await tess.press("Save…")
    await tess.told("was changed in the meantime")
    dialog = tess.page.get_by_role("dialog", name="Save these changes")
    await expect(dialog.locator(".removed").first).to_have_text("-      - any sign of it", timeout=30_000)
    await dialog.get_by_role("button", name="Go back").click()
    await expect(text).to_have_value(mine)
    assert "any sign of it" in file.read_text()


async def test_a_file_opens_at_its_line_but_nobody_who_writes_already_is_torn_away(teach: Teach) -> None:
    tess = await teach(f"/training/data/file?path={PATH}&line=7")
    text = tess.page.get_by_label("Content")
    selected = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    await expect(text).to_be_focused()
    assert await text.evaluate(selected) == ORDERS.splitlines()[6]
    await text.select_text()
    await text.evaluate("area => rapportBeginAt(area, 2)")
    assert await text.evaluate(selected) == ORDERS
    await text.fill("mine")
    await text.blur()
    await text.evaluate("area => rapportBeginAt(area, 0)")
    await expect(text).not_to_be_focused()


async def test_moods_are_edited_likewise(teach: Teach, room: Room) -> None:
    tess = await teach("/training/data/moods/angry")
    path = "data/sentiment/shop.yml"
    text = tess.page.get_by_label("Utterances, one a line")
    await text.fill("this is a disgrace\nyou useless lot\nI am furious\nhow dare you charge me twice")
    await tess.press(f"Save {path}…")
    await tess.page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click(timeout=30_000)
    await tess.told(f"Saved: {path}, line 8.")
    assert "      - how dare you charge me twice\n" in room.text(path)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_the_pages_of_the_data_have_no_barrier_and_fit_the_screen(
    teach: Teach, width: int, scheme: ColorScheme
) -> None:
    tess = await teach("/training/data", width, scheme)
    SCREENSHOTS.mkdir(exist_ok=True)
    for name, path, seen in (
        ("data", "/training/data", ".entry"),
        ("file", f"/training/data/file?path={PATH}", ".gutter div"),
        # The last one: a page with unsaved text is not left without being asked.
        ("intent", "/training/data/intents/track_order", ".gutter div"),
    ):
        await tess.open(path)
        await expect(tess.page.locator(seen).first).to_be_visible()
        if name == "intent":
            await tess.page.get_by_label("Utterances, one a line").first.fill("where is [my order")
            await tess.press(f"Check {PATH}")
            await expect(tess.page.locator(".gutter .faulty").first).to_be_visible(timeout=30_000)
        await tess.page.screenshot(path=SCREENSHOTS / f"{name}-{width}.png", full_page=True)
        assert await tess.barriers() == []
        assert await tess.overflow() <= 0
    assert (tess.wrong, tess.elsewhere) == ([], [])
