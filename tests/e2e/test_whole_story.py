"""A message is misread, a customer gets angry, an agent helps, a trainer teaches: in three browsers, nothing is faked.

The system is one of its own, with an empty list of conversations. It serves the model of the real data; the trainer
works on a little of that data (`classroom`), so that the training, which is a real one, takes a minute.
"""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from bench.client import RapportClient
from ops import keys
from ops.layout import APP_PYTHON, CHECKOUT
from ops.stack import Stack
from tests.browser import Visit, visit
from tests.e2e import classroom
from tests.web.console.conftest import Staff
from web.training.settings import NLU

SCREENSHOTS = Path(__file__).parent / "screenshots"
DEREK = "C000002"
#: Nobody has taught it this word, so it takes it for a bare order number, and is sure of that: only a person notices.
MISREAD = "kibosh RP-100102"
ANGRY = "This is a disgrace!! I told you what I want"
TAUGHT = (
    "please kibosh [RP-100777](order_id)",
    "kibosh my order",
    "can you kibosh that order for me",
    "kibosh the lot",
    "I want [RP-204417](order_id) kiboshed",
    "kibosh order [RP-300912](order_id)",
    "[RP-118034](order_id), kibosh it",
)
#: Bound of a training, on a machine that is busy with other things too.
TRAINING_MS = 600_000
#: Of a command that has to load the models first.
COMMAND_MS = 120_000
#: From a promotion to the bot that has it.
SECONDS_TO_TAKE = 20


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data that the trainer changes."""
    folder = tmp_path_factory.mktemp("classroom")
    classroom.furnish(folder)
    return folder


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, room: Path) -> Iterator[Stack]:
    """A system whose trainings leave nothing in the cache that is shared, nor in the checkout."""
    cache = tmp_path_factory.mktemp("cache")
    model = _present_model()
    shutil.copytree(model, cache / "encoder" / model.name)
    own = {"RAPPORT_CACHE": str(cache)}
    overrides = {"bot": own, "console": {**own, "RAPPORT_REPOSITORY": str(room)}}
    with Stack(tmp_path_factory.mktemp("state"), overrides=overrides) as running:
        yield running


def _present_model() -> Path:
    """The model of the real data, which this trains unless that was done before."""
    for words in (["train", "--candidate"], ["path"]):
        command = [str(APP_PYTHON), "-m", "nlu_models", *words]
        said = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    return Path(said.strip())


async def test_an_angry_customer_is_helped_and_what_was_misread_is_learnt_without_a_restart(
    browser: Browser, shop: Stack, room: Path
) -> None:
    maria = await visit(browser, shop.url("web"))
    sam, tess = [await _staff(browser, shop) for _ in range(2)]
    bot = shop.pid("bot")
    live = await _encoder(shop)

    await _waits_for_a_person(shop, DEREK)
    await sam.sign_in("agent", _password(shop))
    await _becomes_angry_and_is_on_top(maria, sam)
    taken_for = await _is_helped_by_a_person(maria, sam)
    await tess.open("/")
    await _look(tess.page, "sign-in", await_=tess.page.get_by_label("Password"))
    await tess.sign_in("trainer", _password(shop))
    await _teaches(tess, room)
    candidate = await _trains(tess)
    assert await _encoder(shop) == live

    await _promotes(tess)
    await _served_by(shop, candidate)
    assert "Shall I cancel it?" in await _answer(maria, MISREAD)
    await expect(_understood(sam)).to_contain_text("Cancel order")
    await _answer(maria, "no")

    await _rolls_back(tess)
    await _served_by(shop, live)
    assert "Shall I cancel it?" not in await _answer(maria, MISREAD)
    await expect(_understood(sam)).to_have_text(taken_for)

    assert shop.pid("bot") == bot
    assert [seen.wrong for seen in (maria, sam, tess)] == [[], [], []]
    assert sam.elsewhere + tess.elsewhere == []
    assert not any("kibosh" in file.read_text(encoding="utf-8") for file in (CHECKOUT / NLU).glob("*.yml"))


async def _becomes_angry_and_is_on_top(maria: Visit, sam: Staff) -> None:
    await maria.become("Maria Hartley")
    await expect(_replies(maria)).to_have_count(1)
    assert "Shall I cancel it?" not in await _answer(maria, MISREAD)
    await expect(sam.rows).to_have_count(2)
    await expect(sam.rows.first).to_contain_text("Derek")
    await maria.write(ANGRY)
    await maria.page.get_by_role("button", name="Talk to a person").click()
    # Derek has waited longer, and is not angry.
    await expect(sam.rows.first).to_contain_text("Maria")
    await expect(sam.rows.first).to_contain_text("Waiting for a person")
    await expect(sam.rows.first).to_contain_text("Angry")
    await expect(sam.rows.nth(1)).to_contain_text("Derek")
    await _look(sam.page, "list")
    assert await sam.barriers() == []


async def _is_helped_by_a_person(maria: Visit, sam: Staff) -> str:
    """What the console says that the misread message was taken for."""
    await sam.rows.first.click()
    await sam.reads("Maria")
    await expect(sam.page.locator(".summary li")).to_have_count(3)
    await expect(sam.page.get_by_text("Why this segment?")).to_be_visible()
    log = sam.page.get_by_role("log")
    taken_for = log.locator(".customer .about").first
    await expect(taken_for).to_contain_text("Understood as")
    await expect(taken_for).not_to_contain_text("Cancel order")
    await sam.press(f"Mark as misread: “{MISREAD}”")
    dialog = sam.page.get_by_role("dialog", name="Mark as misread")
    await dialog.get_by_label("Remark for trainers").fill("to kibosh an order is to stop it")
    await _look(sam.page, "mark")
    await dialog.get_by_role("button", name="Mark", exact=True).click()
    await expect(log.get_by_text("Marked as misread by Sam")).to_be_visible()

    await sam.press("Take over")
    await maria.sees("Sam has joined.")
    answered = await _replies(maria).count()
    await sam.page.get_by_label("Your answer to the customer").fill("Sorry, Maria. Shall I stop RP-100102?")
    await sam.page.keyboard.press("Enter")
    await maria.sees("Sorry, Maria. Shall I stop RP-100102?")
    await expect(maria.page.locator("article[data-role=agent] .who")).to_have_text(["Sam:"])
    await maria.write("I will think about it, thank you Sam")
    await expect(log.get_by_text("I will think about it")).to_be_visible()
    await sam.page.get_by_label("New note").last.fill(
        "She may ask again: “kibosh” is her word for stopping it."
    )
    await sam.press("Add note")
    await expect(sam.page.locator(".note")).to_contain_text("her word for stopping it")
    await _look(sam.page, "conversation")
    await _look(maria.page, "customer")
    assert await sam.barriers() == []

    await sam.press("Hand back to the assistant")
    await maria.sees("The assistant is back.")
    # Nothing came from it in between, and it answers again.
    said = await _replies(maria).count()
    assert said <= answered + 1
    await _answer(maria, "thank you")
    return str(await taken_for.text_content())


async def _teaches(tess: Staff, room: Path) -> None:
    await tess.reads("Review")
    messages = tess.page.get_by_role("list", name="Messages to review").get_by_role("button")
    await expect(messages.first).to_contain_text("kibosh [order_id]", timeout=COMMAND_MS)
    await expect(messages.first).to_contain_text("Marked by an agent")
    await messages.first.click()
    await expect(tess.page.get_by_text("An agent said that it was misread")).to_be_visible()
    await _look(tess.page, "review")
    form = tess.page.get_by_role("form", name="Decision")
    await form.get_by_label("Search the intents").fill("not to come at all")
    await form.get_by_role("radio").and_(tess.page.locator(":visible")).check()
    await tess.press("Save the correction")
    await _told(tess, "Kept as cancel order.")
    await expect(tess.page.get_by_text("Marked by an agent: 0")).to_be_visible()
    await tess.press("Write 1 decision to the data…")
    await _look(tess.page, "review-write", await_=tess.page.get_by_role("dialog").locator(".added"))
    await tess.page.get_by_role("dialog").get_by_role("button", name="Write 1 utterance").click()
    await expect(tess.page.locator(".written")).to_contain_text(f"Written: {NLU}/", timeout=COMMAND_MS)
    await _look(tess.page, "review-written")

    # One utterance is little to learn from: the trainer adds some in the same manner.
    await tess.page.get_by_role("link", name="Data", exact=True).click()
    await tess.page.get_by_role("link", name="Cancel order", exact=True).click()
    await tess.reads("Cancel order")
    block = tess.page.get_by_role("form", name=f"{NLU}/orders.yml")
    lines = block.get_by_label("Utterances, one a line")
    await lines.fill("\n".join([await lines.input_value(), *TAUGHT]))
    await block.get_by_role("button", name="Save").click()
    await _look(tess.page, "data-save", await_=tess.page.get_by_role("dialog").locator(".added").last)
    await tess.page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    await _told(tess, f"Saved: {NLU}/orders.yml")
    learnt = "".join(file.read_text(encoding="utf-8") for file in sorted((room / NLU).glob("*.yml")))
    assert learnt.count("kibosh") == len(TAUGHT) + 1
    assert "RP-100102" not in learnt
    await _look(tess.page, "data")


async def _trains(tess: Staff) -> str:
    """The id of the candidate."""
    await tess.page.get_by_role("link", name="Models", exact=True).click()
    await tess.press("Start a training")
    progress = tess.page.get_by_role("progressbar", name="Training")
    await expect(progress).to_have_attribute("value", re.compile("[1-9]"), timeout=TRAINING_MS)
    await expect(tess.page.get_by_text("Learning intents and moods, round")).to_be_visible(timeout=COMMAND_MS)
    await _look(tess.page, "training")
    compare = tess.page.get_by_role("link", name="Compare the candidate with live")
    await expect(compare).to_be_visible(timeout=TRAINING_MS)
    await _look(
        tess.page, "models", await_=tess.page.get_by_role("link", name=re.compile("Compare [0-9a-f]+"))
    )
    candidate = str(await compare.get_attribute("href")).rsplit("/", 1)[1]
    await compare.click()
    changed = tess.page.get_by_role(
        "row", name=re.compile(r"^kibosh RP-\d+ .* Cancel order, \d+% Cancel order$")
    )
    await expect(changed.first).to_be_visible(timeout=COMMAND_MS)
    await expect(tess.page.get_by_text(re.compile("^1 of 1$"))).to_be_visible()
    await _look(tess.page, "comparison")
    return candidate


async def _promotes(tess: Staff) -> None:
    await tess.press("Promote it: let it serve…")
    await _look(tess.page, "promote", await_=tess.page.get_by_role("alertdialog"))
    await tess.page.get_by_role("alertdialog").get_by_role("button", name="Promote", exact=True).click()
    await _told(tess, "Promoted.")


async def _rolls_back(tess: Staff) -> None:
    await tess.open("/training/models")
    await tess.press("Roll back…")
    await tess.page.get_by_role("alertdialog").get_by_role("button", name="Roll back", exact=True).click()
    await _told(tess, "Rolled back.")
    await expect(tess.page.get_by_role("row", name=re.compile("Rolled back to you"))).to_be_visible()
    await _look(tess.page, "rolled-back")


def _password(shop: Stack) -> str:
    return keys.load_or_make(shop.state).staff


async def _staff(browser: Browser, shop: Stack) -> Staff:
    context = await browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    return Staff(await context.new_page(), shop.url("console"))


async def _waits_for_a_person(shop: Stack, customer_id: str) -> None:
    async with RapportClient(shop.url("web")) as client:
        conversation = await client.open(customer_id)
        await client.say(conversation, "I would like to talk to a person please")


def _replies(customer: Visit) -> Locator:
    return customer.page.get_by_role("log").locator("article[data-role=bot]")


async def _answer(customer: Visit, text: str) -> str:
    """Write a message; what the assistant said to it last."""
    before = await _replies(customer).count()
    await customer.write(text)
    await expect(_replies(customer)).not_to_have_count(before)
    return await _replies(customer).last.inner_text()


def _understood(sam: Staff) -> Locator:
    """What the agent reads of the customer's last message."""
    return sam.page.get_by_role("log").locator(".customer .about").last


async def _told(staff: Staff, text: str) -> None:
    await expect(staff.page.locator(".toast").get_by_text(text)).to_be_visible(timeout=COMMAND_MS)


async def _encoder(shop: Stack) -> str:
    """The encoder with which the running bot understands."""
    async with httpx.AsyncClient() as http:
        return str((await http.get(f"{shop.url('bot')}/health")).json()["encoder"]["model_id"])


async def _served_by(shop: Stack, model_id: str) -> None:
    async with asyncio.timeout(SECONDS_TO_TAKE):
        while await _encoder(shop) != model_id:
            pass


async def _look(page: Page, name: str, await_: Locator | None = None) -> None:
    """Take a picture at both widths; the page fits them."""
    if await_ is not None:
        await expect(await_).to_be_visible(timeout=COMMAND_MS)
    SCREENSHOTS.mkdir(exist_ok=True)
    for width in (390, 1440):
        await page.set_viewport_size({"width": width, "height": 900})
        await page.screenshot(path=SCREENSHOTS / f"story-{name}-{width}.png", full_page=True)
        overflow = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{name} is {overflow} px too wide for {width}"
