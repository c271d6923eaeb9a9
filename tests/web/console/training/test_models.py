"""Trainers train in the background, look at the candidate beside live, promote it and go back."""

import pytest
from playwright.async_api import expect

from nlu_models.registry import Registry
from tests.browser import ColorScheme
from tests.web.console.conftest import SCREENSHOTS
from tests.web.console.training.conftest import NEW, OLD, Room, Teach, Trainer
from tests.web.training.conftest import Said
from web.console.training.models import returning
from web.training.shapes import Models, Promotion

pytestmark = pytest.mark.timeout(300)


async def compared(tess: Trainer) -> None:
    """The page has said that both models read, and that they have read: some processes, on a machine that may be busy."""
    reading = tess.page.get_by_text("Both models read recent messages now; that takes some seconds.")
    await expect(reading).to_be_hidden(timeout=240_000)


async def test_a_training_is_watched_and_its_candidate_compared_promoted_and_rolled_back(
    teach: Teach, models: Room, said: Said
) -> None:
    said("thanks", "track_order", 0.5)
    tess = await teach("/training/models")
    await tess.press("Start a training")
    await tess.told("The training has begun.")
    progress = tess.page.get_by_role("progressbar", name="Training")
    await expect(progress).to_have_attribute("value", "12", timeout=30_000)
    await expect(tess.page.get_by_text("Learning intents and moods, round 2")).to_be_visible()
    await tess.page.get_by_text("Log, the last lines").click()
    await expect(tess.page.get_by_role("region", name="Log")).to_contain_text("read 24 utterances")
    models.go()
    await tess.told("The last training is done.")
    await tess.page.get_by_role("link", name="Compare the candidate with live").click()
    await tess.reads(f"Model {NEW[:10]}")
    await compared(tess)
    figures = tess.page.locator("tr", has_text="Intents recognised")
    await expect(figures.locator("td")).to_have_text(["80.0%", "90.0%", "Candidate"])
    changed = tess.page.locator("tr", has_text="thanks")
    await expect(changed).to_contain_text("Get refund")
    await tess.press("Promote it: let it serve…")
    await tess.page.get_by_role("alertdialog").get_by_role("button", name="Promote", exact=True).click()
    await tess.told("Promoted.")
    assert Registry.of_environment().read().promoted == NEW
    await tess.open("/training/models")
    await tess.press("Roll back…")
    sure = tess.page.get_by_role("alertdialog")
    await expect(sure).to_contain_text(
        f"Model {OLD[:10]} (made 2026-11-22) serves again in place of {NEW[:10]}"
    )
    await sure.get_by_role("button", name="Roll back", exact=True).click()
    await tess.told("Rolled back.")
    assert Registry.of_environment().read().promoted == OLD
    await expect(tess.page.get_by_role("row", name="Rolled back to you")).to_be_visible()
    assert (tess.wrong, tess.elsewhere) == ([], [])


@pytest.mark.parametrize(
    ("changes", "back"),
    [("", None), ("a", None), ("a b", "a"), ("a b c b-", "a"), ("a b a- c", "a")],
)
def test_rolling_back_is_announced_as_the_registry_will_do_it(changes: str, back: str | None) -> None:
    history = [
        Promotion(word.rstrip("-"), "", "rollback" if word.endswith("-") else "promote", None)
        for word in reversed(changes.split())
    ]
    assert returning(Models(None, (), tuple(history))) == back


async def test_a_training_is_cancelled(teach: Teach, models: Room) -> None:
    tess = await teach("/training/models")
    await tess.press("Start a training")
    await tess.press("Cancel the training")
    # By its exact name: its neighbour is called "Close: Cancel the training?".
    sure = tess.page.get_by_role("alertdialog").get_by_role("button", name="Cancel the training", exact=True)
    await sure.click()
    await tess.told("The training was cancelled; nothing of it was kept.")
    await expect(tess.page.get_by_role("button", name="Start a training")).to_be_visible()


async def test_a_report_is_opened_where_there_is_one(teach: Teach, models: Room) -> None:
    report = models.state / "reports" / OLD / "report.html"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text("<!doctype html><title>Report</title><h1>What is confused</h1>")
    tess = await teach("/training/models")
    links = tess.page.get_by_role("link", name="Report on")
    await expect(links).to_have_count(1, timeout=60_000)
    await tess.open(f"/training/reports/{OLD}")
    await tess.reads("What is confused")
    await tess.open(f"/training/reports/{NEW}")
    await expect(tess.page.get_by_text("There is no report on this model.")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
async def test_the_pages_of_the_models_have_no_barrier_and_fit_the_screen(
    teach: Teach, models: Room, said: Said, width: int, scheme: ColorScheme
) -> None:
    for text in ("thanks", "thanks a lot", "hello there"):
        said(text, "track_order", 0.5)
    tess = await teach("/training/models", width, scheme)
    await expect(tess.page.get_by_role("row", name="Serves")).to_be_visible(timeout=60_000)
    await tess.press("Start a training")
    await expect(tess.page.get_by_text("Learning intents and moods, round 2")).to_be_visible(timeout=30_000)
    SCREENSHOTS.mkdir(exist_ok=True)
    await tess.page.screenshot(path=SCREENSHOTS / f"models-{width}.png", full_page=True)
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    models.go()
    await tess.open(f"/training/models/{NEW}")
    await compared(tess)
    await expect(tess.page.get_by_text("Understood differently")).to_be_visible()
    await tess.page.screenshot(path=SCREENSHOTS / f"comparison-{width}.png", full_page=True)
    assert await tess.barriers() == []
    assert await tess.overflow() <= 0
    assert (tess.wrong, tess.elsewhere) == ([], [])
