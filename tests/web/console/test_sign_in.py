"""Only staff get in, each to their own pages, and back to where they were."""

import pytest
from playwright.async_api import expect

from tests.web.conftest import Web
from tests.web.console.conftest import Arrive
from tests.web.desk import employ

#: A browser, a console and a server share the cores with whatever else runs.
pytestmark = pytest.mark.timeout(300)


async def test_whoever_is_not_signed_in_is_asked_to_and_then_goes_on(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    sam = await arrive()
    await sam.sign_in("sam", path="/conversations?mood=angry")
    await sam.reads("Conversations")
    await expect(sam.page).to_have_url(f"{sam.console}/conversations?mood=angry")
    await expect(sam.page.get_by_label("Mood")).to_have_value("angry")
    assert (sam.wrong, sam.elsewhere) == ([], [])


async def test_a_wrong_password_is_said_at_the_field(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    sam = await arrive()
    await sam.sign_in("sam", "guessed")
    password = sam.page.get_by_label("Password")
    await expect(password).to_be_focused()
    await expect(password).to_have_accessible_description(
        "This name and password do not fit. Check both, and ask an administrator if it goes on."
    )
    await expect(password).to_have_attribute("aria-invalid", "true")


async def test_after_signing_out_the_pages_are_closed(web: Web, arrive: Arrive) -> None:
    await employ(web, "sam")
    sam = await arrive()
    await sam.sign_in("sam")
    await sam.reads("Conversations")
    await sam.press("Sign out")
    await sam.reads("Sign in")
    await expect(sam.page.get_by_text("You are signed out.")).to_be_visible()
    await sam.open("/conversations")
    await sam.reads("Sign in")


async def test_an_ended_session_returns_to_sign_in_and_back_to_where_one_was(
    web: Web, arrive: Arrive
) -> None:
    await employ(web, "sam")
    sam = await arrive()
    await sam.sign_in("sam", path="/conversations?owner=queued")
    await sam.reads("Conversations")
    account, _ = await web.service.agents.staff.find("sam") or pytest.fail("no such account")
    await web.service.agents.staff.end_sessions(account.staff_id)
    await sam.page.get_by_label("Mood").select_option("Angry")
    await sam.reads("Sign in")
    await expect(sam.page.get_by_text("Your session has ended.")).to_be_visible()
    await sam.page.get_by_label("Name").fill("sam")
    await sam.page.get_by_label("Password").fill("a password of the tests")
    await sam.page.keyboard.press("Enter")
    await sam.reads("Conversations")
    await expect(sam.page.get_by_label("Who has it")).to_have_value("queued")
    await expect(sam.page.get_by_label("Mood")).to_have_value("angry")


@pytest.mark.parametrize(
    ("role", "places", "start"),
    [
        ("agent", ["Conversations"], "Conversations"),
        ("trainer", ["Training"], "Review"),
        ("admin", ["Conversations", "Training"], "Conversations"),
    ],
)
async def test_each_role_sees_its_own_places(
    web: Web, arrive: Arrive, role: str, places: list[str], start: str
) -> None:
    await employ(web, "robin", role)  # type: ignore[arg-type]
    robin = await arrive()
    await robin.sign_in("robin")
    await robin.reads(start)
    await expect(robin.page.get_by_role("navigation", name="Main").get_by_role("link")).to_have_text(places)


async def test_a_trainer_reads_no_customer(web: Web, arrive: Arrive) -> None:
    await employ(web, "toni", "trainer")
    toni = await arrive()
    await toni.sign_in("toni", path="/conversations")
    await toni.reads("Review")


@pytest.mark.parametrize(
    "goal", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"]
)
async def test_nobody_is_sent_to_another_site(web: Web, arrive: Arrive, goal: str) -> None:
    await employ(web, "sam")
    sam = await arrive()
    await sam.sign_in("sam", path=f"/sign-in?next={goal}")
    await sam.reads("Conversations")
